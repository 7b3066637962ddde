import type { Clock } from '@sixhub/base';
import { AuthorityProblem } from '../domain/problem.js';
import { challengeFacts, problemFacts, type Authorization, type Order } from '../http/documents.js';
import type { OrderSeen } from './order.js';

/** Where the authority does not say when to look again (§7.5.1): soon, then ever more rarely. */
const firstLookMs = 40;
const longestLookMs = 5_000;
/** An authority that has not decided by then is called busy. */
const patienceMs = 180_000;

interface Polling {
  readonly host: string;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readOrder(url: string): Promise<OrderSeen>;
  readAuthorizations(order: Order): Promise<readonly Authorization[]>;
}

/** RFC 8555 §7.1.6: looks at an order until its status is none of `waiting`; `invalid` throws with the reason. */
export function orderPolling({ host, clock, signal, readOrder, readAuthorizations }: Polling): {
  until(url: string, waiting: readonly Order['status'][]): Promise<Order>;
} {
  /** An invalid order names its error, or its authorizations do; the second are more precise. */
  const whyInvalid = async (order: Order): Promise<AuthorityProblem> => {
    const subProblems = (await readAuthorizations(order)).flatMap((authorization) =>
      authorization.challenges.flatMap((challenge) =>
        challenge.error === undefined
          ? []
          : [{ name: authorization.identifier.value, ...challengeFacts(host, challenge.error) }],
      ),
    );
    const [first] = subProblems;
    if (first === undefined) return new AuthorityProblem(problemFacts(host, order.error ?? {}));
    return new AuthorityProblem({
      kind: first.kind,
      authority: host,
      detail: subProblems.map((sub) => `${sub.name}: ${sub.detail}`).join('; '),
      subProblems,
    });
  };

  return {
    async until(url, waiting) {
      const started = clock.now().getTime();
      let look = firstLookMs;
      for (;;) {
        const { order, retryAfterMs } = await readOrder(url);
        if (order.status === 'invalid') throw await whyInvalid(order);
        if (!waiting.includes(order.status)) return order;
        if (clock.now().getTime() - started > patienceMs) {
          throw new AuthorityProblem({
            kind: 'busy',
            authority: host,
            detail: `the order is still ${order.status} after ${patienceMs / 1000} s`,
          });
        }
        await clock.sleep(retryAfterMs ?? look, signal);
        look = Math.min(look * 2, longestLookMs);
      }
    },
  };
}
