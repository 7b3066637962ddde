import {
  exitCodes,
  formatDuration,
  SixhubError,
  systemClock,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import type { AgentConfig } from '../config/agent-toml.js';
import { askAgainAfter } from '../domain/patience.js';
import type { Hub, KnownManifest } from '../ports.js';
import type { StoredIdentity } from '../state/identity-file.js';
import { stateStore } from '../state/store.js';
import { mustBeEnrolled } from './enrolled.js';
import { readMachine } from './machine.js';
import { oneRun } from './one-run.js';
import { openOwnHub } from './own-hub.js';
import { runAsJson } from './run.js';

interface Input {
  readonly options: { readonly config: string };
  readonly json: boolean;
}

/** How long the hub may hold the question; under the time after which middle boxes forget a silent connection. */
const heldSeconds = 240;
/** Another run has the lock: the timer's, which does the same. It is looked again whether anything is left to do. */
const busyMs = 1_000;

/**
 * Runs at once, and again each time the hub has something new. Between runs one question is open at the hub
 * (RFC 7240 §4.3); where the hub can't be reached it is asked again ever more rarely, each machine at its own instant,
 * and what is to be proven meanwhile is the timer's.
 */
export async function watch({ options, json }: Input, terminal: Terminal): Promise<ExitCode> {
  using line = new KeptLine(terminal.signal);
  let failures = 0;
  let seen: KnownManifest | undefined;
  while (!terminal.signal.aborted) {
    try {
      // Each time anew: agent.toml and the identity may have changed since.
      seen = await turn(await readMachine(options.config), line, seen, json, terminal);
      failures = 0;
    } catch (error) {
      if (terminal.signal.aborted) break;
      if (!(error instanceof SixhubError) || error.exit === exitCodes.usage) throw error;
      line[Symbol.dispose]();
      failures += 1;
      const ms = askAgainAfter(failures, Math.random);
      terminal.err(`${error.fact}; asked again in ${formatDuration(ms)}`);
      await wait(ms, terminal.signal);
    }
  }
  return exitCodes.done;
}

/** Waits for something new, and runs; the first turn runs at once. Returns what the hub said last. */
async function turn(
  machine: AgentConfig,
  line: KeptLine,
  seen: KnownManifest | undefined,
  json: boolean,
  { signal, err, out }: Terminal,
): Promise<KnownManifest | undefined> {
  const identity = await mustBeEnrolled(machine);
  const journal = (line: string): void => err(line);
  const hub = await line.to(machine, identity);
  const news = seen === undefined ? undefined : await hub.awaitManifest(seen, heldSeconds, signal);
  if (news !== undefined && news === seen) return seen;
  let used = news;
  const told: Hub = {
    ...hub,
    // What was just told is not asked for again.
    manifest: async (known) => (used ??= await hub.manifest(known)),
  };
  const result = await oneRun(
    { machine, identity, hub: told, journal },
    { adopt: false, eager: false, signal },
  );
  if (result === 'busy') {
    await wait(busyMs, signal);
    return seen;
  }
  if (json) out(JSON.stringify({ kind: 'run', ...runAsJson(identity, result) }));
  // Not what is on the disk: where that takes nothing, the hub would say at once that there is something else.
  return used ?? (await stateStore(machine.state).readManifest());
}

/** Between turns the connection stays, as long as this machine is who it was: a handshake costs more than a question. */
class KeptLine implements Disposable {
  readonly #closing: AbortSignal;
  #open: { readonly identity: string; readonly hub: Hub & Disposable } | undefined;

  constructor(closing: AbortSignal) {
    this.#closing = closing;
  }

  async to(machine: AgentConfig, account: StoredIdentity): Promise<Hub> {
    const identity = JSON.stringify(account);
    if (this.#open?.identity === identity) return this.#open.hub;
    this[Symbol.dispose]();
    const hub = await openOwnHub(machine, account, this.#closing);
    this.#open = { identity, hub };
    return hub;
  }

  [Symbol.dispose](): void {
    this.#open?.hub[Symbol.dispose]();
    this.#open = undefined;
  }
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  await systemClock.sleep(milliseconds, signal).catch(() => undefined); // only by the signal, which ends the loop
}
