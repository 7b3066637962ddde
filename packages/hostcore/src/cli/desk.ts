import { resolve } from 'node:path';
import { exitCodes, SixhubError, Stopped, type Terminal } from '@sixhub/base';
import { isArmed } from '../apply/countdown.js';
import type { Desk, Event } from '../apply/desk.js';
import { takeLock } from '../apply/lock.js';
import { isAlive } from '../apply/process-mark.js';
import { runHere } from '../apply/run.js';
import { openStore } from '../apply/store.js';
import { takeBack } from '../apply/take-back.js';
import { isOpen } from '../domain/apply/record.js';

export interface DeskOptions {
  readonly state: string;
  readonly withinMs: number;
  readonly json: boolean;
}

/** What a command that changes the host works with. A connection that is cut ends nothing here: that is what this is for. */
export async function openDesk(
  { state, withinMs, json }: DeskOptions,
  terminal: Terminal,
): Promise<Desk> {
  if (process.getuid?.() !== 0) {
    throw new SixhubError({
      code: 'not-root',
      fact: 'this changes the host, and is for root',
      hint: 'Use sudo. `hostcore plan` shows what would change to anybody.',
      exit: exitCodes.usage,
    });
  }
  const directory = resolve(state);
  return {
    run: runHere,
    store: await openStore(directory),
    tell: (event) => (json ? terminal.out(JSON.stringify(event)) : tellPerson(event, terminal)),
    withinSeconds: withinMs / 1000,
    rollbackWords: (number) => [
      ...[process.execPath, ...process.execArgv, process.argv[1] ?? 'hostcore'],
      ...['rollback', String(number), '--armed', '--state', directory],
    ],
    signal: wantsNoMore(terminal),
  };
}

/** Ctrl-C and SIGTERM, but neither a hang-up nor a reader that is gone: the change goes on to where it can be confirmed. */
function wantsNoMore({ signal }: Terminal): AbortSignal {
  process.on('SIGHUP', () => undefined);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const stop = new AbortController();
  signal.addEventListener('abort', () => {
    if (signal.reason instanceof Stopped && signal.reason.by === 'EPIPE') return;
    stop.abort(signal.reason);
  });
  return stop.signal;
}

function tellPerson(event: Event, terminal: Terminal): void {
  switch (event.event) {
    case 'began':
    case 'failed': // the error that follows has it
    case 'checked':
      return;
    case 'armed':
      return terminal.err(
        `Armed: everything goes back in ${event.seconds} s unless this is confirmed (by ${event.by === 'systemd' ? 'a timer of systemd' : 'a process of its own'}).`,
      );
    case 'installing':
      return terminal.err(`Installing ${event.packages.join(', ')}.`);
    case 'step':
      return terminal.err(`${event.count}/${event.of} ${event.what}`);
    case 'lost':
      for (const one of event.what) terminal.err(`not as before: ${one}`);
      return;
    case 'waiting':
      for (const one of event.doubts) terminal.err(`not right: ${one}`);
      for (const one of event.untested) terminal.err(`not tested: ${one}`);
      return terminal.err(
        `Done, and ${howVerified(event)}. Within ${event.seconds} s, from a NEW connection to this host: hostcore confirm`,
      );
    case 'confirmed':
      return terminal.out(`Confirmed: number ${event.number} is in force.`);
    case 'undone':
      terminal.out(`Taken back: number ${event.number} (${event.why}).`);
      for (const one of event.left) terminal.err(`not as before: ${one}`);
      return;
    default:
      return event satisfies never;
  }
}

function howVerified({ doubts, untested }: Event & { readonly event: 'waiting' }): string {
  if (doubts.length > 0) return 'no worse than before; `hostcore verify` looks again';
  return untested.length === 0 ? 'verified' : 'verified as far as that could be tested';
}

/** Nobody else changes this host while this is held. */
export async function lockHost(
  { store }: Pick<Desk, 'store'>,
  waitMs = 0,
): Promise<AsyncDisposable> {
  const until = performance.now() + waitMs;
  for (;;) {
    const lock = await takeLock(store.directory);
    if (lock !== undefined) return lock;
    if (performance.now() > until) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  const last = (await store.numbers()).at(-1);
  const record = last === undefined ? undefined : await store.read(last).catch(() => undefined);
  const who =
    record === undefined ? '' : ` (number ${record.number}, process ${record.runner.pid})`;
  throw new SixhubError({
    code: 'busy',
    fact: `another hostcore changes this host right now${who}`,
    hint: 'Wait for it, and look again with `hostcore plan`.',
  });
}

/** A change that waits is a person's to settle; one that was killed is taken back here and now. Under the lock. */
export async function settleEarlier(desk: Desk): Promise<void> {
  const { store, run } = desk;
  const number = await store.open();
  if (number === undefined) return;
  const record = await store.read(number);
  if (!isOpen(record)) return store.settle();
  const lives =
    record.phase === 'waiting' &&
    record.countdown !== undefined &&
    (await isArmed(run, record.countdown));
  if (lives) {
    throw new SixhubError({
      code: 'unconfirmed',
      fact: `${record.kind} ${number} waits to be confirmed`,
      hint: '`hostcore confirm` from a new connection keeps it, `hostcore rollback` takes it back now.',
      exit: exitCodes.waiting,
    });
  }
  const how = isAlive(record.runner) ? 'it ended' : 'it was killed';
  await takeBack(desk, record, `${how} before it was done`);
}
