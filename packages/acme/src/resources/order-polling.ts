import { formatDuration, type Clock } from '@sixhub/base';
import { AuthorityProblem } from '../domain/problem.js';
import { challengeFacts, problemFacts, type Authorization, type Order } from '../http/documents.js';
import type { OrderSeen } from './order.js';

/** Where the authority does not say when to look again (§7.5.1): soon, then ever more rarely. */
const firstLookMs = 40;
const longestLookMs = 5_000;
/** An authority that has not decided by then, or wants to be asked later than that, is called slow. */
const patienceMs = 180_000;

interface Polling {
  readonly host: string;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readOrder(url: string): Promise<OrderSeen>;
  readAuthorizations(order: Order): Promise<readonly Authorization[]>;
}

export interface OrderPolling {
  /** The authority was asked to go on with an order, and said when to look at it. */
  lookAfter(retryAfterMs: number | undefined): void;
  /**
   * RFC 8555 §7.1.6: looks at an order until its status is none of `waiting`, and never before the time that a
   * `Retry-After` names; what none of our patience is left for is `slow`, and may be asked for again later. `invalid`
   * throws with the reason.
   */
  until(url: string, waiting: readonly Order['status'][]): Promise<Order>;
}

export function orderPolling({
  host,
  clock,
  signal,
  readOrder,
  readAuthorizations,
}: Polling): OrderPolling {
  let firstLookAt = 0;
  const now = (): number => clock.now().getTime();
  const slow = (detail: string, retryAfterMs?: number): AuthorityProblem =>
    new AuthorityProblem({
      ...{ kind: 'slow', authority: host, detail },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });

  /** An invalid order names its error, or its authorizations do; the second are more precise. */
  const whyInvalid = async (order: Order): Promise<AuthorityProblem> =>
    whyNotValidated(host, await readAuthorizations(order)) ??
    new AuthorityProblem(problemFacts(host, order.error ?? {}));

  /** §7.1.6: one name that could not be validated ends the order, and not every authority says so of the order. */
  const whyWaiting = async (order: Order, retryAfterMs?: number): Promise<AuthorityProblem> => {
    const long = retryAfterMs !== undefined && retryAfterMs > patienceMs;
    const still = long
      ? `the order is ${order.status}, and it wants to be asked again in ${formatDuration(retryAfterMs)}`
      : `the order is still ${order.status} after ${patienceMs / 1_000} s`;
    if (order.status !== 'pending') return slow(still, retryAfterMs);
    const authorizations = await readAuthorizations(order);
    return whyOver(host, authorizations) ?? slow(still + notValid(authorizations), retryAfterMs);
  };

  return {
    lookAfter(retryAfterMs = 0) {
      firstLookAt = Math.max(firstLookAt, now() + retryAfterMs);
    },
    async until(url, waiting) {
      const end = now() + patienceMs;
      const first = firstLookAt - now();
      if (first > patienceMs)
        throw slow(`it wants to be asked for the order in ${formatDuration(first)}`, first);
      if (first > 0) await clock.sleep(first, signal);
      for (let look = firstLookMs; ; look = Math.min(look * 2, longestLookMs)) {
        const { order, retryAfterMs } = await readOrder(url);
        if (order.status === 'invalid') throw await whyInvalid(order);
        if (!waiting.includes(order.status)) return order;
        // `Retry-After: 0`, or a date that is past, is no leave to ask without a pause.
        const pause = Math.max(look, retryAfterMs ?? 0);
        if (now() + pause > end) throw await whyWaiting(order, retryAfterMs);
        await clock.sleep(pause, signal);
      }
    },
  };
}

/** What the authority saw, name by name; undefined where it found no fault. */
function whyNotValidated(
  host: string,
  authorizations: readonly Authorization[],
): AuthorityProblem | undefined {
  const subProblems = authorizations.flatMap(({ challenges, identifier }) =>
    challenges.flatMap(({ error }) =>
      error === undefined ? [] : [{ name: identifier.value, ...challengeFacts(host, error) }],
    ),
  );
  const [first] = subProblems;
  if (first === undefined) return undefined;
  return new AuthorityProblem({
    kind: first.kind,
    authority: host,
    detail: subProblems.map((sub) => `${sub.name}: ${sub.detail}`).join('; '),
    subProblems,
  });
}

/** §7.1.6: from these states an authorization does not become valid any more. Undefined where none is so. */
function whyOver(
  host: string,
  authorizations: readonly Authorization[],
): AuthorityProblem | undefined {
  const over = authorizations.filter(({ status }) => status !== 'pending' && status !== 'valid');
  if (over.length === 0) return undefined;
  const subProblems = over.map(({ status, identifier: { value: name } }) => ({
    ...{ name, kind: 'other' as const },
    detail: `its authorization is ${status}, and no reason is given`,
  }));
  const detail = subProblems.map((sub) => `${sub.name}: ${sub.detail}`).join('; ');
  return (
    whyNotValidated(host, over) ??
    new AuthorityProblem({ kind: 'other', authority: host, detail, subProblems })
  );
}

/** Which names the order waits for; where a validation is tried again (§8.2), what the authority saw so far. */
function notValid(authorizations: readonly Authorization[]): string {
  const names = authorizations.flatMap(({ status, identifier, challenges }) => {
    if (status === 'valid') return [];
    const seen = challenges.find(({ error }) => error !== undefined)?.error?.detail;
    return [seen === undefined ? identifier.value : `${identifier.value} (${seen})`];
  });
  return names.length === 0
    ? ', though every name is validated'
    : `; not validated yet: ${[...new Set(names)].join(', ')}`;
}
