import * as z from 'zod';

/**
 * How the hub is reached, told with each manifest, so that it can be changed without touching each machine. Nothing here
 * is believed for its own sake: an address counts only where the hub that this agent trusts answers at it.
 */
export const hubFacts = z.object({
  /** `https://host:port`, in the order to try; the ones of before are tried after them. */
  addresses: z.array(z.string()),
});
export type HubFacts = z.infer<typeof hubFacts>;
