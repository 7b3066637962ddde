import { covers, formatEndpoint, parseEndpoint, type Endpoint, type Look } from '@sixhub/wire';
import type { PushSettings } from '../domain/push-target.js';

/**
 * Where a certificate is looked for at a host: everywhere, where it is the only one there; else where it is asked for by a
 * name of its own, and one that has the name itself goes before a wildcard, as servers choose.
 */
export function looksAt(
  { connect, servernames }: Pick<PushSettings, 'connect' | 'servernames'>,
  certificate: string,
  namesOf: ReadonlyMap<string, readonly string[]>,
): readonly Look[] {
  const looks = connect.flatMap((text) => {
    const endpoint = parseEndpoint(text);
    if (endpoint === undefined) return [];
    const names = servernames.length > 0 ? servernames : [nameIn(endpoint)];
    return names.map((servername): Look => ({ endpoint, servername }));
  });
  if (namesOf.size <= 1) return looks;
  return looks.filter(
    ({ servername }) => servername !== undefined && holderOf(servername, namesOf) === certificate,
  );
}

/** An address has no name to ask for (RFC 6066 §3). */
function nameIn({ host }: Endpoint): string | undefined {
  return host.includes(':') || /^[\d.]+$/.test(host) || !host.includes('.') ? undefined : host;
}

function holderOf(
  name: string,
  namesOf: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const all = [...namesOf];
  const exact = all.find(([, names]) => names.includes(name.toLowerCase()));
  return (exact ?? all.find(([, names]) => names.some((one) => covers(one, name))))?.[0];
}

/** What a listener is called in a report. */
export function serviceOf({ endpoint }: Look): string {
  return formatEndpoint(endpoint).slice(0, 64);
}
