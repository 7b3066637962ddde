import * as z from 'zod';

/** What hostcore found when it looked at the physical host that an agent runs on, as far as the hub needs it. */
export const hostWord = z.object({
  /** When it looked. */
  at: z.iso.datetime(),
  /** By its description; `unknown`: not all could be seen; `failed`: nothing could be looked at. */
  state: z.enum(['right', 'drifted', 'unknown', 'failed']),
  /** Packets proved that something does not work. */
  broken: z.boolean(),
  /** How many things are not as they should be; the most pressing ones follow. */
  count: z.int().min(0),
  troubles: z
    .array(z.object({ what: z.string().max(300), remedy: z.string().max(600).optional() }))
    .max(20),
});
export type HostWord = z.infer<typeof hostWord>;
