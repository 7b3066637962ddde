import { exitCodes, SixhubError, Stopped, type ExitCode, type Terminal } from '@sixhub/base';
import type { Started } from './answers.js';
import { awaitDeployed } from './await-deployed.js';
import type { ConnectionOptions, HubClient } from './client.js';
import { followIssuance, type Ending } from './follow-issuance.js';
import { Telling } from './telling.js';

export interface Waits extends ConnectionOptions {
  readonly 'wait-delegation': number;
  readonly 'wait-deployed': number | undefined;
}

interface Asked {
  readonly hub: HubClient;
  readonly options: Waits;
  readonly json: boolean;
}

interface Wish {
  readonly name: string;
  readonly start: () => Promise<Started>;
}

/** Starts issuances, tells what becomes of them until each has ended, and sums them up as an exit code. */
export async function conclude(
  wishes: readonly Wish[],
  asked: Asked,
  terminal: Terminal,
): Promise<ExitCode> {
  const many = wishes.length > 1;
  const { json, options } = asked;
  using telling = new Telling(terminal, { json, many, waitMs: options['wait-delegation'] });
  const one = async ({ name, start }: Wish): Promise<ExitCode> =>
    follow(name, await start(), asked, telling, terminal);
  // One that can't be had must not hide what becomes of the others.
  const oneOfMany = async (wish: Wish): Promise<ExitCode> => {
    try {
      return await one(wish);
    } catch (error) {
      if (!(error instanceof SixhubError)) throw error;
      telling.failed(wish.name, error);
      return error.exit;
    }
  };
  try {
    const endings = await Promise.all(wishes.map(many ? oneOfMany : one));
    telling.ended();
    return worst(endings);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    telling.left();
    return exitCodes.waiting;
  }
}

async function follow(
  name: string,
  { issuance, joined, askedAt }: Started,
  { hub, options, json }: Asked,
  telling: Telling,
  terminal: Terminal,
): Promise<ExitCode> {
  if (issuance === null) {
    telling.unchanged(name);
    return exitCodes.done;
  }
  telling.started(name, { authority: issuance.authority, joined });
  const ending = await followIssuance(
    hub,
    {
      ...{ issuance, askedAt, waitDelegationMs: options['wait-delegation'] },
      tell: (told) => telling.step(name, told),
    },
    terminal.signal,
  );
  if (ending.kind !== 'stored') {
    telling.unfinished(name, ending);
    return exitOf(ending);
  }
  const waitMs = options['wait-deployed'];
  if (waitMs !== undefined) {
    const version = { name, version: ending.version, waitMs, json };
    return await awaitDeployed(hub, version, telling, terminal);
  }
  telling.issued(name);
  return exitCodes.done;
}

function exitOf(ending: Exclude<Ending, { kind: 'stored' }>): ExitCode {
  switch (ending.kind) {
    case 'waiting':
      return exitCodes.waiting;
    case 'problem':
      return ending.problem === 'unreachable' ? exitCodes.unreachable : exitCodes.failed;
    case 'cut':
      return exitCodes.unreachable;
    default:
      return ending satisfies never;
  }
}

function worst(codes: readonly ExitCode[]): ExitCode {
  const order: readonly ExitCode[] = [
    exitCodes.failed,
    exitCodes.unreachable,
    exitCodes.waiting,
    exitCodes.usage,
  ];
  return order.find((code) => codes.includes(code)) ?? exitCodes.done;
}
