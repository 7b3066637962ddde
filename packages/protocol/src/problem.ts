import * as z from 'zod';

/** Every error of the REST APIs: an RFC 9457 problem with our `code` and `hint`. */
export const problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.number().int(),
  /** What happened, to which object. */
  detail: z.string(),
  /** Stable, in kebab case: `no-grant`. */
  code: z.string(),
  /** What to do next. */
  hint: z.string(),
});
export type Problem = z.infer<typeof problem>;
