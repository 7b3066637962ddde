import type { ZoneFinding } from '@sixhub/acme-dns';
import type { Finding } from '@sixhub/base/finding';

/** What acme-dns found, in the hub's words. */
export function asFinding({ state, what, hint }: ZoneFinding): Finding {
  return { state, what, remedy: hint };
}
