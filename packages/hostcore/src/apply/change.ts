import { errorText, SixhubError } from '@sixhub/base';
import type { ApplyRecord } from '../domain/apply/record.js';
import type { Snapshot } from '../domain/apply/snapshot.js';
import { ofDevices } from '../domain/dhcp-clients.js';
import { readDhcpClients } from '../facts/dhcp-clients.js';
import { arm, disarm } from './countdown.js';
import type { Desk, Verification } from './desk.js';
import { keepFiles } from './keep-files.js';
import { bootId, markOf, uptime } from './process-mark.js';
import { readKernelState } from './read-kernel-state.js';
import { readUnits } from './read-units.js';
import { removeSpent } from './remove-spent.js';
import { takeBack } from './take-back.js';

/** One way from a state of the host to another, whatever leads it: an apply, or a rollback to before an older one. */
export interface Change {
  readonly kind: ApplyRecord['kind'];
  readonly host: string;
  readonly config: string;
  readonly before?: number;
  /** What describes the host when this is done; undefined where nothing is known to. */
  readonly description: string | undefined;
  readonly paths: readonly string[];
  readonly devices: readonly string[];
  /** What is told to services, so that who confirms can ask whether they live. */
  readonly commands: readonly string[];
  readonly packages: readonly string[];
  readonly remnants?: readonly string[];
  readonly users: readonly string[];
  readonly steps: number;
  /** Whoever can refuse is asked, before anything is changed. */
  makeReady(number: number): Promise<void>;
  /** New files are laid beside their places: armed already, so that they go if this is killed. */
  stage(number: number): Promise<void>;
  carryOut(number: number): Promise<void>;
  verify: Verification;
  /** How long that may take. */
  readonly verifySeconds: number;
}

/** With time for apt, and for daemons that are slow to start. */
const installSeconds = 1_800;

/**
 * Written down, armed, made, verified; then a person has to come. Anything that goes wrong on the way takes everything back at
 * once; what this process can't do any more, because it is killed or the host is cut off, the countdown does.
 */
export async function makeChange(change: Change, desk: Desk): Promise<ApplyRecord> {
  const { store, tell } = desk;
  let record = await begin(change, desk);
  const { number } = record;
  const save = async (more: Partial<ApplyRecord>): Promise<void> => {
    record = { ...record, ...more };
    await store.write(record);
  };
  try {
    await store.writeSnapshot(number, await snapshot(change, desk, number));
    await store.note(
      number,
      `kept: ${change.paths.length} files, the kernel and units as they are`,
    );
    if (change.packages.length > 0) {
      await armFor(installSeconds);
      await save({ phase: 'changing' });
    }
    await change.makeReady(number);
    const first = record.countdown;
    await armFor(desk.withinSeconds + change.verifySeconds);
    if (first !== undefined) await disarm(desk.run, first);
    await change.stage(number);
    await save({ phase: 'changing' });
    await change.carryOut(number);
    throwIfStopped(desk);
    const { doubts, untested } = await verified(change, desk, number);
    const early = record.countdown;
    await save({ phase: 'waiting', activeAt: uptime(), countdown: await countdown('confirm') });
    if (early !== undefined) await disarm(desk.run, early);
    await store.note(number, `waiting: ${desk.withinSeconds} s for \`hostcore confirm\``);
    tell({ event: 'waiting', number, seconds: desk.withinSeconds, doubts, untested });
    return record;
  } catch (error) {
    const why = errorText(error);
    tell({ event: 'failed', why });
    await store.note(number, `failed: ${why}`).catch(() => undefined);
    await takeBack(desk, record, why);
    throw error;
  }

  async function countdown(name: string): ReturnType<typeof arm> {
    return arm(desk.run, `${number}-${name}`, desk.withinSeconds, desk.rollbackWords(number));
  }

  /** The file that the next boot looks for, then the countdown: never a change that nobody takes back. */
  async function armFor(seconds: number): Promise<void> {
    await store.setOpen(number);
    const name = `${number}-${seconds === installSeconds ? 'install' : 'change'}`;
    const armed = await arm(desk.run, name, seconds, desk.rollbackWords(number));
    await save({ countdown: armed });
    const by = armed.by.kind === 'timer' ? 'systemd' : 'process';
    await store.note(
      number,
      `armed: ${seconds} s, by ${armed.by.kind === 'timer' ? `${armed.by.unit}.timer` : `process ${armed.by.mark.pid}`}`,
    );
    tell({ event: 'armed', seconds, by });
  }
}

async function begin(change: Change, { store, tell }: Desk): Promise<ApplyRecord> {
  const number = ((await store.numbers()).at(-1) ?? 0) + 1;
  const { kind, host, config, before, commands, packages, remnants = [], users } = change;
  const record: ApplyRecord = {
    ...{ number, kind, before, host, config, commands, packages, remnants, users },
    ...{ phase: 'preparing', began: new Date().toISOString(), boot: await bootId() },
    ...{ runner: markOf(process.pid), countdown: undefined, activeAt: undefined, why: undefined },
  };
  await store.write(record);
  if (change.description !== undefined) await store.writeDescription(number, change.description);
  await store.note(number, `began: ${kind} of ${host} by ${config}, process ${process.pid}`);
  await removeSpent(store, number);
  tell({ event: 'began', number, steps: change.steps });
  return record;
}

async function snapshot(change: Change, { run, store }: Desk, number: number): Promise<Snapshot> {
  const { devices, paths } = change;
  const [files, kernel, units, clients] = await Promise.all([
    keepFiles(store.directory, number, paths),
    readKernelState(run, devices),
    readUnits(run),
    readDhcpClients(),
  ]);
  return { devices, ...files, kernel, units, dhcpClients: ofDevices(clients, devices) };
}

interface Verified {
  /** What is not right, and does not speak against the change. */
  readonly doubts: readonly string[];
  readonly untested: readonly string[];
}

async function verified(change: Change, { store }: Desk, number: number): Promise<Verified> {
  const findings = await change.verify();
  const wrong = findings.filter(({ state }) => state === 'wrong');
  const doubts = findings.filter(({ state }) => state === 'doubtful').map(({ what }) => what);
  const untested = findings.filter(({ state }) => state === 'not tested').map(({ what }) => what);
  for (const doubt of doubts) await store.note(number, `not right: ${doubt}`);
  for (const what of untested) await store.note(number, `not tested: ${what}`);
  if (wrong.length === 0) {
    await store.note(number, doubts.length === 0 ? 'verified' : 'verified: no worse than before');
    return { doubts, untested };
  }
  throw new SixhubError({
    code: 'not-verified',
    fact: wrong.map(({ what }) => what).join('; '),
    hint: wrong.flatMap(({ remedy }) => remedy ?? []).join('\n'),
  });
}

function throwIfStopped({ signal }: Desk): void {
  signal.throwIfAborted();
}
