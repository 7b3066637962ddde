import { exitCodes, SixhubError } from '@sixhub/base';
import type { ApplyRecord } from '../domain/apply/record.js';
import { earliest } from '../domain/apply/snapshot.js';
import { makeChange } from './change.js';
import type { Desk } from './desk.js';
import { undo } from './undo.js';

/**
 * Back to before an apply that was confirmed, and all that came after it. It can cut the host off as an apply can, and so is one:
 * armed, undone unless confirmed, and with a number by which it is rolled back itself.
 */
export async function rollbackTo(desk: Desk, number: number): Promise<ApplyRecord> {
  const { store, run } = desk;
  const records = await Promise.all((await store.numbers()).map((one) => store.read(one)));
  const first = records.find((one) => one.number === number);
  if (first?.phase !== 'confirmed') {
    const kept = records.filter(({ phase }) => phase === 'confirmed').map((one) => one.number);
    throw new SixhubError({
      code: 'not-in-force',
      fact:
        first === undefined
          ? `there is no apply ${number}`
          : `apply ${number} was taken back already`,
      hint: kept.length === 0 ? 'None is in force.' : `In force: ${kept.join(', ')}.`,
      exit: exitCodes.usage,
    });
  }
  const undoing = records.filter((one) => one.number >= number && one.phase === 'confirmed');
  const target = earliest(await Promise.all(undoing.map((one) => store.readSnapshot(one.number))));
  if (target === undefined) throw new Error('a confirmed apply has a snapshot');
  const told = undoing.flatMap(({ commands }) => commands);
  return makeChange(
    {
      ...{ kind: 'rollback', host: first.host, config: first.config, before: number },
      ...{ devices: target.devices, commands: told, packages: [], users: [], steps: 1 },
      paths: target.files.map(({ path }) => path),
      makeReady: () => Promise.resolve(),
      stage: () => Promise.resolve(),
      async carryOut(own) {
        const note = (line: string): Promise<void> => store.note(own, line);
        const left = await undo(target, {
          run,
          directory: store.directory,
          note,
          atBoot: false,
          told,
        });
        if (left.length === 0) return;
        throw new SixhubError({
          code: 'not-rolled-back',
          fact: left.join('; '),
          hint: 'All is as it was before this rollback.',
        });
      },
      verify: () => Promise.resolve([]),
      verifySeconds: 0,
    },
    desk,
  );
}

/** The newest that is in force. */
export async function lastInForce(store: Desk['store']): Promise<number | undefined> {
  for (const number of [...(await store.numbers())].reverse()) {
    if ((await store.read(number)).phase === 'confirmed') return number;
  }
  return undefined;
}
