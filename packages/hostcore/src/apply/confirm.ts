import { exitCodes, SixhubError } from '@sixhub/base';
import { judge, type Caller } from '../domain/apply/confirmation.js';
import type { ApplyRecord } from '../domain/apply/record.js';
import { disarm } from './countdown.js';
import type { Desk } from './desk.js';
import { bootId } from './process-mark.js';
import { diedOf } from './read-units.js';

/** Keeps the change that waits, if who asks has come through it, and it still works. Under the lock. */
export async function confirm(
  { run, store, tell }: Pick<Desk, 'run' | 'store' | 'tell'>,
  caller: Caller,
  atConsole: boolean,
): Promise<ApplyRecord> {
  const number = await store.open();
  if (number === undefined) throw await nothing(store);
  const record = await store.read(number);
  if (record.boot !== (await bootId())) {
    throw new SixhubError({
      code: 'before-reboot',
      fact: `apply ${number} was made before this machine was started`,
      hint: '`hostcore rollback` takes back what is left of it.',
    });
  }
  if (record.phase !== 'waiting' || record.activeAt === undefined) {
    throw new SixhubError({
      code: 'not-ready',
      fact: `${record.kind} ${number} is not done yet`,
      hint: 'Confirm when it says that it waits; if it was killed, everything is taken back at its time.',
      exit: exitCodes.waiting,
    });
  }
  const judgement = judge(caller, record.activeAt, atConsole);
  if (judgement.kind === 'refused') {
    await store.note(number, `not confirmed: ${judgement.why}`);
    throw new SixhubError({
      code: 'not-new',
      fact: `not confirmed: ${judgement.why}`,
      hint: judgement.hint,
      exit: exitCodes.waiting,
    });
  }
  const dead = await diedOf(run, record);
  if (dead.length > 0) {
    throw new SixhubError({
      code: 'daemon-dead',
      fact: `not confirmed: ${dead.join(', ')} died of the change`,
      hint: 'Everything is taken back at its time, or now by `hostcore rollback`.',
    });
  }
  const confirmed: ApplyRecord = { ...record, phase: 'confirmed' };
  await store.write(confirmed);
  await store.settle();
  if (record.countdown !== undefined) await disarm(run, record.countdown);
  const from = atConsole ? `at ${caller.terminal}` : `through sshd ${caller.sshd?.pid}`;
  await store.note(number, `confirmed ${from}`);
  tell({ event: 'confirmed', number });
  return confirmed;
}

async function nothing(store: Desk['store']): Promise<SixhubError> {
  const last = (await store.numbers()).at(-1);
  const record = last === undefined ? undefined : await store.read(last);
  return new SixhubError({
    code: 'nothing-to-confirm',
    fact:
      record?.phase === 'undone'
        ? `nothing waits for confirmation: ${record.kind} ${last} was taken back (${record.why ?? 'by hand'})`
        : 'nothing waits for confirmation',
    hint:
      record?.phase === 'confirmed'
        ? `${record.kind} ${last} is confirmed already.`
        : '`hostcore apply` makes a change.',
  });
}
