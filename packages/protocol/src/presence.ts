/**
 * What an agent says of itself with each request, beside its client certificate. A hub that does not know a header
 * passes over it, and so does who reads this hub's log: neither is a secret, neither is trusted for more than it says.
 */

/**
 * One machine from one start to the next, as a word that tells nothing else about it. Two machines with the same
 * identity have two of them, which is how a copy is found. At most 64 of `A-Z a-z 0-9 _ -`.
 */
export const instanceHeader = 'sixhub-instance';

/** SHA-256 of the CA, hexadecimal, that this agent trusts and has its client certificate from. */
export const caHeader = 'sixhub-ca';

/** The word, where it has the form of one. */
export function parseInstance(text: unknown): string | undefined {
  return typeof text === 'string' && /^[\w-]{1,64}$/.test(text) ? text : undefined;
}
