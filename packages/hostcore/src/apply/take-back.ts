import { errorText, programFailure } from '@sixhub/base';
import { isOpen, type ApplyRecord } from '../domain/apply/record.js';
import type { Snapshot } from '../domain/apply/snapshot.js';
import { disarm } from './countdown.js';
import type { Desk } from './desk.js';
import { heldUnits, removals } from './install.js';
import { bringFilesBack } from './keep-files.js';
import { isAlive, uptime } from './process-mark.js';
import { unstage } from './put-files.js';
import { undo } from './undo.js';

/** Takes an unsettled change back, whoever asks: the apply itself, a person, the armed countdown, or the next boot. */
export async function takeBack(
  desk: Omit<Desk, 'withinSeconds' | 'rollbackWords' | 'signal'>,
  record: ApplyRecord,
  why: string,
  atBoot = false,
): Promise<ApplyRecord> {
  const { store, run, tell } = desk;
  const { number } = record;
  const note = (line: string): Promise<void> => store.note(number, line);
  await note(`undoing: ${why}`).catch(() => undefined); // a full disk must not keep the old state away
  const left: string[] = [];
  if (record.phase === 'preparing') {
    // Nothing was changed yet; new files may lie beside their places.
    const snapshot = await store.readSnapshot(number).catch(() => undefined);
    await unstage(snapshot?.files ?? [], number);
    if (snapshot !== undefined) await bringFilesBack(store.directory, { ...snapshot, files: [] });
  } else {
    const snapshot = await store.readSnapshot(number);
    try {
      const { faults, lost } = await undo(snapshot, {
        ...{ run, directory: store.directory, note, atBoot },
        told: record.commands,
      });
      left.push(...faults, ...lost);
    } catch (error) {
      // Who called tries again; why it must is for people.
      await note(`failed: ${errorText(error)}`).catch(() => undefined);
      throw error;
    }
    await unstage(snapshot.files, number);
    if (!atBoot) left.push(...(await takeOut(desk, record, snapshot)));
  }
  const undone: ApplyRecord = { ...record, phase: 'undone', why };
  await store.write(undone).catch(() => undefined); // what follows says it as well
  await store.settle();
  await note(`undone${left.length === 0 ? '' : `, but: ${left.join('; ')}`}`).catch(
    () => undefined,
  );
  tell({ event: 'undone', number, why, left });
  if (record.countdown !== undefined) await disarm(run, record.countdown);
  return undone;
}

async function takeOut(
  { run, store }: Pick<Desk, 'run' | 'store'>,
  { packages, remnants = [], users, number }: ApplyRecord,
  snapshot: Snapshot,
): Promise<readonly string[]> {
  const commands = [
    ...users.map((user) => ['gpasswd', '--delete', user, 'libvirt']),
    ...removals(packages, remnants),
  ];
  const left: string[] = [];
  for (const [file = '', ...args] of commands) {
    await store.note(number, `back: ${[file, ...args].join(' ')}`).catch(() => undefined);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const failure = programFailure(await run(file, args, { timeoutMs: 600_000, env }));
    if (failure !== undefined) left.push(`${file}: ${failure}`);
  }
  if (packages.length === 0) return left;
  // An installation that was killed has left its masks, and nothing could be started until a reboot.
  await run('systemctl', ['unmask', '--runtime', ...heldUnits(snapshot.units)]);
  // A file that was there before the package came goes with it, if the package counts it among its own.
  const { faults } = await bringFilesBack(store.directory, snapshot);
  return [...left, ...faults.map(errorText)];
}

/** An apply that hangs past its time is ended: it holds the lock, and the host may be out of reach. */
export function endRunner({ runner, phase }: ApplyRecord): void {
  if (phase === 'waiting' || !isAlive(runner) || runner.pid === process.pid) return;
  process.kill(runner.pid, 'SIGKILL');
}

/** Whether this countdown's time has come; a first one, for the change itself, is early once a person is waited for. */
export function isDue(record: ApplyRecord): boolean {
  if (!isOpen(record)) return false;
  return record.countdown === undefined || uptime() >= record.countdown.endsAt - 0.3;
}
