import { exitCodes, SixhubError, type ExitCode } from '@sixhub/base';
import type { Desk } from '../apply/desk.js';
import { diedOf } from '../apply/read-units.js';
import { takeBack } from '../apply/take-back.js';
import type { ApplyRecord } from '../domain/apply/record.js';
import { lockHost } from './desk.js';

const lookMs = 200;
const looksBetweenUnits = 10;

/** Until somebody confirmed, or everything went back. Ctrl-C takes it back now, and so does a daemon that dies meanwhile. */
export async function awaitConfirmation(desk: Desk, waiting: ApplyRecord): Promise<ExitCode> {
  const { store, signal, run, tell } = desk;
  const { number } = waiting;
  for (let look = 1; ; look++) {
    const record = await store.read(number);
    if (record.phase === 'confirmed') {
      tell({ event: 'confirmed', number });
      return exitCodes.done;
    }
    if (record.phase === 'undone') {
      throw new SixhubError({
        code: 'undone',
        fact: `everything was taken back: ${record.why ?? 'nobody confirmed'}`,
        hint: `${store.directory} has its journal.`,
      });
    }
    if (signal.aborted) return takeBackNow(desk, number, 'stopped by hand');
    const dead = look % looksBetweenUnits === 0 ? await diedOf(run, record) : [];
    if (dead.length > 0) return takeBackNow(desk, number, `${dead.join(', ')} died`);
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

async function takeBackNow(desk: Desk, number: number, why: string): Promise<ExitCode> {
  await using _ = await lockHost(desk, 10_000);
  const record = await desk.store.read(number);
  if (record.phase === 'waiting') await takeBack(desk, record, why);
  return exitCodes.failed;
}
