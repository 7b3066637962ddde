import { request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { exitCodes, SixhubError, systemCode, type ExitCode } from '@sixhub/base';
import { defaultConfigFile, readConfigFile } from '../config/config-file.js';
import { socketPath } from '../config/socket-path.js';

/**
 * The commands' end of the administrator's socket. What comes back was checked against its schema by the hub that
 * sent it, on this machine; reading zod's schemas again here would double the time that a command takes to start.
 */
export interface HubClient {
  call<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T>;
  /** JSON lines until the hub ends them. */
  lines<T>(path: string, signal: AbortSignal): AsyncGenerator<T>;
}

export interface ConnectionOptions {
  readonly config: string | undefined;
  readonly socket: string | undefined;
}

export async function connectHub(options: ConnectionOptions): Promise<HubClient> {
  const socketPath = options.socket ?? (await configuredSocket(options.config));
  const send = (
    method: string,
    path: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const outgoing = request(
        {
          socketPath,
          method,
          path,
          headers:
            text === undefined
              ? {}
              : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
          ...(signal === undefined ? {} : { signal }),
        },
        resolve,
      );
      outgoing.on('error', (error) =>
        reject(signal?.aborted ? signal.reason : unreachable(socketPath, error)),
      );
      outgoing.end(text);
    });
  return {
    async call<T>(method: string, path: string, body?: object): Promise<T> {
      const answer = await send(method, path, body);
      const text = await read(answer);
      if ((answer.statusCode ?? 500) >= 400) throw refusal(text);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
    async *lines<T>(path: string, signal: AbortSignal): AsyncGenerator<T> {
      const answer = await send('GET', path, undefined, signal);
      if ((answer.statusCode ?? 500) >= 400) throw refusal(await read(answer));
      try {
        for await (const line of createInterface({ input: answer })) yield JSON.parse(line) as T;
      } catch (error) {
        // A hub that was killed ends the stream in the middle: to the reader, it just ends.
        if (signal.aborted || systemCode(error) !== 'ECONNRESET') throw error;
      } finally {
        answer.destroy(); // who stops reading must not keep the process alive
      }
    },
  };
}

async function configuredSocket(file: string | undefined): Promise<string> {
  const config = file ?? defaultConfigFile;
  return socketPath(config, await readConfigFile(config));
}

async function read(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** The hub's problem document as the error of this command. */
function refusal(text: string): SixhubError {
  const problem: unknown = JSON.parse(text);
  const field = (name: string): string =>
    typeof problem === 'object' && problem !== null && name in problem
      ? String(Object.entries(problem).find(([key]) => key === name)?.[1])
      : '';
  const invalid = field('status') === '400';
  return new SixhubError({
    code: field('code') || 'refused',
    fact: field('detail') || text,
    hint: field('hint') || 'See the log of the hub: journalctl -u sixhub.',
    exit: invalid ? exitCodes.usage : exitCodes.failed,
  });
}

function unreachable(socketPath: string, error: Error): SixhubError {
  const exit: ExitCode = exitCodes.unreachable;
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new SixhubError({
        code: 'hub-not-running',
        fact: `the hub is not running: nobody answers at ${socketPath}`,
        hint: 'Start it: systemctl start sixhub (or, in the foreground: hub serve).',
        exit,
      });
    case 'EACCES':
      return new SixhubError({
        code: 'socket-forbidden',
        fact: `you may not use ${socketPath}`,
        hint: 'Run the command as root, or have yourself added to the group sixhub-admin.',
        exit,
      });
    default:
      return new SixhubError({
        code: 'hub-unreachable',
        fact: `the hub at ${socketPath} stopped answering: ${error.message}`,
        hint: 'See its log: journalctl -u sixhub. What was started goes on when it runs again.',
        exit,
      });
  }
}

/** All of a list that comes in pages. */
export async function wholeList<T>(
  hub: HubClient,
  path: string,
  name: string,
  wanted = new URLSearchParams(),
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let next: string | null | undefined = ''; typeof next === 'string';) {
    const query = new URLSearchParams(wanted);
    query.set('limit', '1000');
    if (next !== '') query.set('cursor', next);
    const page = await hub.call<Readonly<Record<string, unknown>>>(
      'GET',
      `${path}?${query.toString()}`,
    );
    // The hub that sent it has checked it against its schema.
    all.push(...(page[name] as readonly T[]));
    next = page['next'] as string | null;
  }
  return all;
}
