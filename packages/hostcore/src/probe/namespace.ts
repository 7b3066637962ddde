import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { programFailure, SixhubError, type RunProgram } from '@sixhub/base';
import type { IpAddress } from '../domain/ip-address.js';
import type { Lookup, Reach } from '../domain/verify/seen.js';
import type { Endpoint } from '../domain/verify/targets.js';
import type { Asked } from './lookup.js';
import { packed, unpacked, workerWord, type Request } from './worker.js';

/** A network namespace without a name, held by a worker inside it. */
export interface Namespace extends AsyncDisposable {
  readonly pid: number;
  /** A program of this machine, run inside. */
  readonly run: RunProgram;
  /** Of the kernel's settings (`net/…`), which were taken. */
  set(settings: readonly (readonly [key: string, value: string])[]): Promise<readonly string[]>;
  lookUp(asked: Asked): Promise<Lookup>;
  reach(endpoint: Endpoint, from: IpAddress, withinMs: number): Promise<Reach>;
}

/** `program` starts this program itself, for its worker. */
export async function openNamespace(
  run: RunProgram,
  program: readonly string[],
): Promise<Namespace> {
  // setpriv becomes unshare becomes the worker: one process, which the kernel ends with this one.
  const words = ['--pdeathsig', 'KILL', '--', 'unshare', '--net', '--', ...program, workerWord];
  const child = spawn('setpriv', words, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint += String(chunk)));
  child.stdin.on('error', () => undefined); // told by its end
  const waiting = new Map<number, (line: string) => void>();
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      complaint ||= error.message;
      resolve();
    });
  });
  const gone = ended.then((): never => {
    throw new SixhubError({
      code: 'probe-not-started',
      fact: `no network namespace could be made: ${complaint.trim().split('\n').at(-1) || 'it ended at once'}`,
      hint: 'This needs root (or CAP_NET_ADMIN and CAP_SYS_ADMIN), and util-linux.',
    });
  });
  gone.catch(() => undefined); // seen by whoever asks
  const started = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id } = unpacked<{ readonly id?: number }>(line);
      if (id === undefined) resolve();
      else waiting.get(id)?.(line);
    });
  });
  await Promise.race([started, gone]);
  let last = 0;
  const ask = async <T>(request: Request): Promise<T> => {
    const id = ++last;
    const answered = new Promise<string>((resolve) => waiting.set(id, resolve));
    child.stdin.write(`${packed({ id, request })}\n`);
    const answer = unpacked<Answer<T>>(await Promise.race([answered, gone]));
    waiting.delete(id);
    if ('error' in answer) throw new Error(answer.error);
    return answer.value;
  };
  const pid = child.pid ?? 0;
  return {
    pid,
    run: (file, args, options) =>
      run('nsenter', [`--net=/proc/${pid}/ns/net`, '--', file, ...args], options),
    set: (settings) => ask({ kind: 'set', settings }),
    lookUp: (asked) => ask({ kind: 'look-up', asked }),
    reach: (endpoint, from, withinMs) => ask({ kind: 'reach', endpoint, from, withinMs }),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

type Answer<T> = { readonly value: T } | { readonly error: string };

/** A command of which the rest depends. */
export async function must(
  run: RunProgram,
  file: string,
  ...args: readonly string[]
): Promise<void> {
  const failure = programFailure(await run(file, args, { timeoutMs: 5_000 }));
  if (failure === undefined) return;
  throw new SixhubError({
    code: 'probe-not-laid',
    fact: `${file} ${args.join(' ')}: ${failure}`,
    hint: 'This needs root (or CAP_NET_ADMIN and CAP_SYS_ADMIN), and iproute2.',
  });
}
