import { exitCodes, SixhubError } from '@sixhub/base';
import { notTested } from '@sixhub/base/finding';
import { keepingRule } from '../domain/apply/keeping.js';
import type { ApplyRecord } from '../domain/apply/record.js';
import { earliest } from '../domain/apply/snapshot.js';
import { makeChange } from './change.js';
import type { Described, Desk, Verification, Verifier } from './desk.js';
import type { KeptDescription } from './store.js';
import { undo } from './undo.js';

export interface RollbackWork {
  readonly desk: Desk;
  readonly verifier: Verifier;
  /** This host, beside a description that was kept; undefined where none can be made of it any more. */
  readonly read: (kept: KeptDescription, host: string) => Promise<Described | undefined>;
}

/**
 * Back to before an apply that was confirmed, and all that came after it. It can cut the host off as an apply can, and so is one:
 * armed, undone unless confirmed, and with a number by which it is rolled back itself.
 */
export async function rollbackTo(work: RollbackWork, number: number): Promise<ApplyRecord> {
  const { desk, verifier } = work;
  const { store, run } = desk;
  const records = await Promise.all((await store.numbers()).map((one) => store.read(one)));
  const first = records.find((one) => one.number === number);
  if (first?.phase !== 'confirmed') {
    const kept = records.filter(({ phase }) => phase === 'confirmed').map((one) => one.number);
    throw new SixhubError({
      code: 'not-in-force',
      fact: whyNot(first, number, records.at(-1)?.number ?? 0),
      hint: kept.length === 0 ? 'None is in force.' : `In force: ${kept.join(', ')}.`,
      exit: exitCodes.usage,
    });
  }
  const undoing = records.filter((one) => one.number >= number && one.phase === 'confirmed');
  const target = earliest(await Promise.all(undoing.map((one) => store.readSnapshot(one.number))));
  if (target === undefined) throw new Error('a confirmed apply has a snapshot');
  const told = undoing.flatMap(({ commands }) => commands);
  const earlier = records.findLast((one) => one.number < number && one.phase === 'confirmed');
  const last = undoing.at(-1) ?? first;
  const description =
    earlier === undefined ? undefined : await store.readDescription(earlier.number);
  const verification = await prepare(work, { earlier, description, last, number });
  return makeChange(
    {
      ...{
        kind: 'rollback',
        host: (earlier ?? first).host,
        config: first.config,
        before: number,
        description: description?.text,
      },
      ...{ devices: target.devices, commands: told, packages: [], users: [], steps: 1 },
      paths: target.files.map(({ path }) => path),
      makeReady: () => Promise.resolve(),
      stage: () => Promise.resolve(),
      async carryOut(own) {
        const note = (line: string): Promise<void> => store.note(own, line);
        const { faults, lost } = await undo(target, {
          ...{ run, directory: store.directory, note, atBoot: false, told },
        });
        for (const one of lost) await note(`not as before: ${one}`);
        if (lost.length > 0) desk.tell({ event: 'lost', what: lost });
        if (faults.length === 0) return;
        throw new SixhubError({
          code: 'not-rolled-back',
          fact: faults.join('; '),
          hint: 'All is as it was before this rollback.',
        });
      },
      verify: verification,
      verifySeconds: verifier.seconds,
    },
    desk,
  );
}

function whyNot(record: ApplyRecord | undefined, number: number, newest: number): string {
  if (record !== undefined) return `apply ${number} was taken back already`;
  return number < newest
    ? `apply ${number} is not kept any more: ${keepingRule}`
    : `there is no apply ${number}`;
}

interface Destination {
  /** The one that led there. */
  readonly earlier: ApplyRecord | undefined;
  readonly description: KeptDescription | undefined;
  /** The newest that is in force, and describes the host as it is. */
  readonly last: ApplyRecord;
  readonly number: number;
}

/** Packets are asked by the description of then. Where none is known, before a first apply, the provider's routers alone. */
async function prepare(
  { desk, verifier, read }: RollbackWork,
  { earlier, description, last, number }: Destination,
): Promise<Verification> {
  const then =
    earlier === undefined || description === undefined
      ? undefined
      : await read(description, earlier.host);
  if (then !== undefined) return verifier.prepare(then);
  const kept = await desk.store.readDescription(last.number);
  const now = kept === undefined ? undefined : await read(kept, last.host);
  const reach =
    now === undefined ? () => Promise.resolve([]) : await verifier.prepareReach(now.host);
  const untested =
    verifier.seconds === 0
      ? []
      : [
          notTested(
            `no description of the host before ${number} is known, by which packets could be asked`,
          ),
        ];
  return async () => [...(await reach()), ...untested];
}

/** The newest that is in force. */
export async function lastInForce(store: Desk['store']): Promise<number | undefined> {
  for (const number of [...(await store.numbers())].reverse()) {
    if ((await store.read(number)).phase === 'confirmed') return number;
  }
  return undefined;
}
