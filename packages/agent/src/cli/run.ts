import { exitCodes, type ExitCode, type Terminal } from '@sixhub/base';
import { isReached } from '../domain/remembered.js';
import type { AnsweredRequest } from '../run/answer-requests.js';
import { openOwnHub } from './own-hub.js';
import type { CertificateResult, RunResult } from '../run/run.js';
import type { StoredIdentity } from '../state/identity-file.js';
import { stateStore } from '../state/store.js';
import { mustBeEnrolled } from './enrolled.js';
import { readMachine } from './machine.js';
import { oneRun } from './one-run.js';
import { untilIssued } from './until-issued.js';

interface Input {
  readonly options: { readonly config: string; readonly now: boolean; readonly adopt: boolean };
  readonly json: boolean;
}

export async function run({ options, json }: Input, terminal: Terminal): Promise<ExitCode> {
  const machine = await readMachine(options.config);
  const identity = await mustBeEnrolled(machine);
  using hub = await openOwnHub(machine, identity, terminal.signal);
  const { adopt, now: eager } = options;
  try {
    const once = (): Promise<RunResult | 'busy'> =>
      oneRun(
        { machine, identity, hub, journal: (line) => terminal.err(line) },
        { adopt, eager, signal: terminal.signal },
      );
    let result = await once();
    const store = stateStore(machine.state);
    const wait = {
      hub,
      store,
      signal: terminal.signal,
      journal: (line: string) => terminal.err(line),
    };
    if (result !== 'busy' && (await untilIssued(result, wait))) {
      result = await once();
    }
    if (result === 'busy') {
      const text = 'another run is at work on this machine; it does what this one would have done';
      terminal.out(json ? JSON.stringify({ kind: 'busy' }) : text);
      return exitCodes.done;
    }
    terminal.out(json ? JSON.stringify(runAsJson(identity, result)) : inWords(result));
    return exitOf(result);
  } catch (error) {
    if (error !== terminal.signal.reason) throw error;
    terminal.err('stopped before anything was changed');
    return exitCodes.failed;
  }
}

function exitOf({ certificates, requests, reported, kept, unreached }: RunResult): ExitCode {
  if (unreached !== undefined) return unreached.exit;
  if (!certificates.every(({ state }) => isReached(state))) return exitCodes.failed;
  if (!kept || requests.some(({ state }) => state === 'failed')) return exitCodes.failed;
  return reported ? exitCodes.done : exitCodes.unreachable;
}

/** One run as a document. */
export function runAsJson(
  { agent }: StoredIdentity,
  { certificates, missing, requests, reported }: RunResult,
): Readonly<Record<string, unknown>> {
  return {
    agent,
    reported,
    missing,
    ...(requests.length === 0 ? {} : { requests }),
    certificates: certificates.map(({ wanted, did, state }) => ({
      name: wanted.name,
      version: wanted.version,
      notAfter: wanted.notAfter,
      did,
      installed: state.installed,
      detail: state.detail,
      services: state.services,
      ...(state.retryAt === undefined ? {} : { retryAt: state.retryAt }),
    })),
  };
}

function inWords({ certificates, missing, requests }: RunResult): string {
  const lines = [
    ...requests.map(requestLine),
    ...certificates.flatMap(certificateLines),
    ...missing.map(
      ({ service, certificate }) =>
        `${service} is to use ${certificate}, which the hub does not give to this machine: hub agent grant`,
    ),
  ];
  if (lines.length > 0) return lines.join('\n');
  if (certificates.length === 0)
    return 'the hub gives this machine no certificate: hub agent grant';
  return `nothing to do: ${certificates.map(({ wanted }) => wanted.name).join(', ')} installed and served`;
}

function requestLine({ certificate, state, detail }: AnsweredRequest): string {
  switch (state) {
    case 'answered':
      return `${certificate}: its key was made here; the hub has it certified, and a later run installs it`;
    case 'waiting':
      return `${certificate}: its key lies here; the hub has it certified, and a later run installs it`;
    case 'failed':
      return `${certificate}: no key for it: ${detail}`;
    default:
      return state satisfies never;
  }
}

function certificateLines({ wanted, did, state }: CertificateResult): readonly string[] {
  if (did === 'nothing' && isReached(state)) return [];
  const until = wanted.notAfter.slice(0, 10);
  const head = `${wanted.name}: ${state.installed ? `installed, valid until ${until}` : `not installed: ${state.detail}`}`;
  const retry =
    state.retryAt === undefined
      ? []
      : [`  tried again by itself from ${state.retryAt} on; at once with hub-agent run --now`];
  return [
    head,
    ...state.services.map(({ service, state: seen, detail }) => `  ${service}: ${seen}, ${detail}`),
    ...retry,
  ];
}
