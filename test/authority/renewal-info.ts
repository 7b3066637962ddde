import type { Course, Reply } from './course.js';
import { Refused } from './refusal.js';

/** RFC 9773 §4.2: two thirds of the lifetime, half of a short one, ±1 %; in the past for a revoked one. */
export function renewalInfo(id: string, course: Course): Reply {
  const { ledger, rules, conduct, origin } = course;
  const known = ledger.certificates.get(id);
  const retryMs = rules.renewalInfoRetryMs;
  if (known === undefined || retryMs === undefined) {
    throw new Refused(404, 'malformed', 'this certificate is not known here');
  }
  const { issued, revoked } = known;
  const now = course.now();
  const odd = conduct.renewalInfo?.(issued);
  if (odd !== undefined) {
    const headers = odd.retryAfter === undefined ? {} : { 'Retry-After': odd.retryAfter };
    return { status: odd.status ?? 200, headers, text: odd.text };
  }
  conduct.asked(`renewal-info/${id}`, now);
  conduct.ordered(`renewal-info/${id}`, now + retryMs, now);
  const start = issued.notBefore.getTime();
  const lifetime = issued.notAfter.getTime() - start;
  const middle = start + lifetime * (lifetime < 10 * 86_400_000 ? 1 / 2 : 2 / 3);
  const [from, to] =
    revoked === undefined
      ? [middle - lifetime / 100, middle + lifetime / 100]
      : [revoked - 7_200_000, revoked - 3_600_000];
  return {
    status: 200,
    headers: { 'Retry-After': String(Math.ceil(retryMs / 1_000)) },
    body: {
      suggestedWindow: { start: new Date(from).toISOString(), end: new Date(to).toISOString() },
      ...(revoked === undefined ? {} : { explanationURL: `${origin}/why` }),
    },
  };
}
