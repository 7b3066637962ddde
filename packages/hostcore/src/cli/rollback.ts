import {
  exitCodes,
  formatTable,
  SixhubError,
  usageError,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import type { Desk } from '../apply/desk.js';
import { lastInForce, rollbackTo } from '../apply/rollback.js';
import { bootId } from '../apply/process-mark.js';
import { endRunner, isDue, takeBack } from '../apply/take-back.js';
import { isOpen } from '../domain/apply/record.js';
import { awaitConfirmation } from './await-confirmation.js';
import { lockHost, openDesk } from './desk.js';
import { readKept } from './read-kept.js';
import { verifierOf, type VerifierOptions } from './verifier.js';

interface Options extends VerifierOptions {
  readonly state: string;
  readonly 'confirm-within': number;
  readonly 'no-wait': boolean;
  readonly list: boolean;
  readonly armed: boolean;
  readonly boot: boolean;
}

export async function rollback(
  input: {
    readonly operands: readonly string[];
    readonly options: Options;
    readonly json: boolean;
  },
  terminal: Terminal,
): Promise<ExitCode> {
  const { options, json } = input;
  const [word] = input.operands;
  const number = word === undefined ? undefined : Number(word);
  if (number !== undefined && !(Number.isInteger(number) && number > 0)) {
    throw usageError(
      `'${word}' is no number of an apply`,
      '`hostcore rollback --list` shows them.',
    );
  }
  const withinMs = options['confirm-within'];
  const desk = await openDesk({ state: options.state, withinMs, json }, terminal);
  if (options.list) return list(desk, json, terminal);
  if (options.armed) return armed(desk, number);
  if (options.boot) return atBoot(desk);
  const waiting = await byHand(desk, number, options);
  if (waiting === undefined) return exitCodes.done;
  return options['no-wait'] ? exitCodes.waiting : awaitConfirmation(desk, waiting);
}

/** The change that waits, at once; one that is in force, as a change of its own. */
async function byHand(
  desk: Desk,
  number: number | undefined,
  options: Options,
): Promise<Awaited<ReturnType<typeof rollbackTo>> | undefined> {
  await using _ = await lockHost(desk, 2_000);
  const { store } = desk;
  const open = await store.open();
  if (open !== undefined) {
    const record = await store.read(open);
    if (isOpen(record)) {
      if (number !== undefined && number !== open) {
        throw new SixhubError({
          code: 'unconfirmed',
          fact: `${record.kind} ${open} waits to be confirmed`,
          hint: '`hostcore rollback` takes that one back first, or `hostcore confirm` keeps it.',
          exit: exitCodes.waiting,
        });
      }
      await takeBack(desk, record, 'by hand');
      return undefined;
    }
    await store.settle();
  }
  const target = number ?? (await lastInForce(store));
  if (target === undefined) {
    throw usageError(
      'no apply is in force on this host',
      '`hostcore rollback --list` shows what was.',
    );
  }
  return await rollbackTo({ desk, verifier: verifierOf(desk, options), read: readKept }, target);
}

/** Called by the countdown. Whoever hangs is ended; who is late, or was replaced by a later countdown, does nothing. */
async function armed(desk: Desk, number: number | undefined): Promise<ExitCode> {
  const { store } = desk;
  const isOurs = async (): Promise<boolean> =>
    number !== undefined && (await store.open()) === number && isDue(await store.read(number));
  if (number === undefined || !(await isOurs())) return exitCodes.done;
  endRunner(await store.read(number));
  await using _ = await lockHost(desk, 30_000);
  if (!(await isOurs())) return exitCodes.done;
  const record = await store.read(number);
  const why =
    record.phase === 'waiting' ? 'nobody confirmed in time' : 'it did not get done in time';
  const { phase } = await takeBack(desk, record, why);
  return phase === 'undone' ? exitCodes.done : exitCodes.failed;
}

/** Called by sixhub-hostcore.service, before the network. */
async function atBoot(desk: Desk): Promise<ExitCode> {
  await using _ = await lockHost(desk, 30_000);
  const number = await desk.store.open();
  if (number === undefined) return exitCodes.done;
  const record = await desk.store.read(number);
  if (!isOpen(record)) {
    await desk.store.settle();
    return exitCodes.done;
  }
  // A package that is installed anew starts its unit: that is no boot, and the countdown runs.
  if (record.boot === (await bootId())) return exitCodes.done;
  const { countdown: _none, ...rest } = record;
  await takeBack(
    desk,
    { ...rest, countdown: undefined },
    'the machine was started anew before it was confirmed',
    true,
  );
  return exitCodes.done;
}

async function list({ store }: Desk, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const records = await Promise.all((await store.numbers()).map((one) => store.read(one)));
  if (json) {
    terminal.out(
      JSON.stringify({
        applies: records.map(({ number, kind, before, host, phase, began, why }) => ({
          ...{ number, kind, before, host, phase, began, why },
        })),
      }),
    );
    return exitCodes.done;
  }
  const rows = records.map(({ number, kind, before, phase, began, why }) => [
    String(number),
    before === undefined ? kind : `${kind} to before ${before}`,
    why === undefined ? phase : `${phase}: ${why}`,
    began.slice(0, 19).replace('T', ' '),
  ]);
  terminal.out(
    rows.length === 0
      ? 'Nothing was applied here yet.'
      : formatTable(['NUMBER', 'WHAT', 'STATE', 'BEGAN (UTC)'], rows),
  );
  return exitCodes.done;
}
