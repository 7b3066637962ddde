import { Refusal } from '../domain/refusal.js';
import type { DeploymentPlace } from '../store/overview.js';

/** A cursor of a list that is ordered by agent and certificate. */
export function readPlace(cursor: string): DeploymentPlace {
  const [agent, certificate, more] = cursor.split(' ');
  if (agent !== undefined && certificate !== undefined && more === undefined) {
    return { agent, certificate };
  }
  throw new Refusal(
    'invalid',
    'bad-cursor',
    'this is no cursor of this list',
    'Send `next` of the page before as it is, or begin without a cursor.',
  );
}
