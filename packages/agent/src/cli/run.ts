import {
  exitCodes,
  runProgram,
  SixhubError,
  systemClock,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { isReached } from '../domain/remembered.js';
import { openHub } from '../hub/client.js';
import { openTree } from '../live/tree.js';
import { renewIdentityIfDue } from '../run/renew-identity.js';
import { runOnce, type CertificateResult, type RunResult } from '../run/run.js';
import { serviceControl } from '../services/control.js';
import { configurationReader } from '../services/readers.js';
import { lifetimeOf, readIdentity, type StoredIdentity } from '../state/identity-file.js';
import { takeRunLock } from '../state/lock.js';
import { stateStore } from '../state/store.js';
import { seeOnWire } from '../wire/see.js';
import { machineFiles, readMachine } from './machine.js';

interface Input {
  readonly options: { readonly config: string; readonly now: boolean; readonly adopt: boolean };
  readonly json: boolean;
}

export async function run({ options, json }: Input, terminal: Terminal): Promise<ExitCode> {
  const machine = await readMachine(options.config);
  const identity = usable(await readIdentity(machine.state), systemClock.now());
  await using lock = await takeRunLock(machine.state);
  if (lock === undefined) {
    const text = 'another run is at work on this machine; it does what this one would have done';
    terminal.out(json ? JSON.stringify({ kind: 'busy' }) : text);
    return exitCodes.done;
  }
  try {
    using hub = openHub(identity, terminal.signal);
    const journal = (line: string): void => terminal.err(line);
    const result = await runOnce(
      {
        hub,
        journal,
        tree: await openTree(machine.live, systemClock),
        control: serviceControl(runProgram),
        read: configurationReader({ run: runProgram, files: machineFiles }),
        see: seeOnWire,
        store: stateStore(machine.state),
        clock: systemClock,
        services: machine.services,
      },
      { adopt: options.adopt, eager: options.now, signal: terminal.signal },
    );
    await renewIdentityIfDue({ hub, journal, clock: systemClock }, machine.state, identity);
    terminal.out(json ? JSON.stringify(asJson(identity, result)) : inWords(result));
    return exitOf(result);
  } catch (error) {
    if (error !== terminal.signal.reason) throw error;
    terminal.err('stopped before anything was changed');
    return exitCodes.failed;
  }
}

function usable(identity: StoredIdentity | undefined, now: Date): StoredIdentity {
  if (identity === undefined) {
    throw new SixhubError({
      code: 'not-enrolled',
      fact: 'this machine is not enrolled at a hub yet',
      hint: 'Run `hub agent add NAME --cert CERTIFICATE` on the hub, then `hub-agent enroll` here.',
      exit: exitCodes.usage,
    });
  }
  const { notAfter } = lifetimeOf(identity);
  if (notAfter > now) return identity;
  throw new SixhubError({
    code: 'identity-expired',
    fact: `the client certificate of '${identity.agent}' expired on ${notAfter.toISOString()}: the hub does not let this machine in any more`,
    hint:
      'What is installed stays as it is. Enrol again: `hub agent add` on the hub, then `hub-agent enroll --again` here.\n' +
      "If that date is not in the past, this machine's clock is wrong.",
  });
}

function exitOf({ certificates, reported }: RunResult): ExitCode {
  if (!certificates.every(({ state }) => isReached(state))) return exitCodes.failed;
  return reported ? exitCodes.done : exitCodes.unreachable;
}

function asJson(
  { agent }: StoredIdentity,
  { certificates, missing, reported }: RunResult,
): unknown {
  return {
    agent,
    reported,
    missing,
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

function inWords({ certificates, missing }: RunResult): string {
  const lines = [
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
