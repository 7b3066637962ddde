/**
 * As which machines an agent has shown itself. Each says a word that is another on another machine and after each
 * start (the agent's `state/instance.ts`). A machine that is started anew or moved shows a new word and never an old
 * one again; where an earlier word comes back after another one, two machines use one identity by turns: a copied VM,
 * a container made from a used image, or a stolen key.
 */
export interface Presence {
  /** The one that was there last is the last. */
  readonly instances: readonly Instance[];
  /** When an earlier one came back: the first and the last time. */
  readonly turns: { readonly since: Date; readonly last: Date } | undefined;
}

export interface Instance {
  /** Its own word; `unsaid`: a request without one, from who is no agent of this version. */
  readonly id: string;
  /** The address that it came from when it was there first. */
  readonly from: string;
  /** When it took over, the last time. */
  readonly since: string;
}

/** So many machines are told apart; a word that is older is a new one. */
const keptInstances = 8;
/** After so long without a turn of the other one, it is not there any more. */
const copyForgottenMs = 7 * 86_400_000;
const unsaid = 'unsaid';

/**
 * What is known after a request; the same object where it told nothing new. Who once said a word and then says none
 * is another: somebody with the key and a program of their own.
 */
export function presenceAfter(
  before: Presence | undefined,
  said: string | undefined,
  from: string,
  now: Date,
): Presence | undefined {
  if (before === undefined && said === undefined) return undefined;
  const id = said ?? unsaid;
  const known = before?.instances ?? [];
  if (known.at(-1)?.id === id) return before;
  const earlier = known.find((instance) => instance.id === id);
  const others = known.filter((instance) => instance.id !== id);
  const present: Instance = { id, from: earlier?.from ?? from, since: now.toISOString() };
  return {
    instances: [...others, present].slice(-keptInstances),
    turns: earlier === undefined ? before?.turns : turnsAfter(before, now),
  };
}

function turnsAfter(before: Presence | undefined, now: Date): Presence['turns'] {
  return { since: isCopied(before, now) ? (before.turns?.since ?? now) : now, last: now };
}

export function isCopied(presence: Presence | undefined, now: Date): presence is Presence {
  const last = presence?.turns?.last;
  return last !== undefined && last >= copiesSince(now);
}

export function copiesSince(now: Date): Date {
  return new Date(now.getTime() - copyForgottenMs);
}

/** The two that came by turns last. */
export function machinesOf({ instances }: Presence): readonly Instance[] {
  return instances.slice(-2);
}

export function machinesText(presence: Presence): string {
  return machinesOf(presence)
    .map(({ from, since }) => `one at ${from} (since ${since})`)
    .join(', ');
}

export function copyRemedy(name: string): string {
  return `On the hub: \`hub agent remove ${name}\`, then \`hub agent add\` with a name for each machine, and \`hub-agent enroll --again\` on both. If neither of you copied it, its keys are known to others: \`hub revoke CERTIFICATE --reason keyCompromise\` for each that it had.`;
}
