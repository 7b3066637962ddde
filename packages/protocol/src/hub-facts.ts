import * as z from 'zod';

/**
 * How the hub is reached and known, told with each manifest, so that it can be changed without touching each machine.
 * Nothing here is believed for its own sake: an address counts only where the hub that this agent trusts answers at it,
 * and a CA only where one that it trusts has signed it.
 */
export const hubFacts = z.object({
  /** `https://host:port`, in the order to try; the ones of before are tried after them. */
  addresses: z.array(z.string()),
  /** CAs by which it may show itself, PEM, the newest last. All others are to be forgotten. */
  authorities: z.array(z.string()).optional(),
  /** The newest one again, signed by the one before it (RFC 4210 §4.4, "new with old"); PEM. */
  link: z.string().optional(),
});
export type HubFacts = z.infer<typeof hubFacts>;
