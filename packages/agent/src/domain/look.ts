import type { KeyFamily } from '@sixhub/protocol';
import { covers, describeLook, type Look } from '@sixhub/wire';
import type { Service } from './service.js';
import type { Bound } from './use.js';

/**
 * The connections that prove a certificate at a service: every address with every name that is this certificate's there.
 * With one certificate at the service that is all of its names, whatever the version covers: a version that lacks one
 * is shown there all the same. With several it is the names that this one is for; of two that both are, the one that
 * has the name itself goes before a wildcard (as servers choose). A name that none is for may be anybody's, and is
 * taken where a certificate has no other; empty is what then is left, and that nothing can be proven is told.
 */
export function looksFor(
  service: Service,
  certificate: string,
  namesOf: ReadonlyMap<string, readonly string[]>,
): readonly Look[] {
  const servernames =
    service.names.length === 0 ? [undefined] : namesAt(service, certificate, namesOf);
  return (service.connect ?? []).flatMap((endpoint) =>
    servernames.map((servername) => ({ endpoint, servername })),
  );
}

function namesAt(
  service: Service,
  certificate: string,
  namesOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  if (service.certificates.length === 1) return service.names;
  const held = service.names.map((name) => ({ name, by: holders(service, name, namesOf) }));
  const own = held.filter(({ by }) => by.includes(certificate));
  const chosen = own.length > 0 ? own : held.filter(({ by }) => by.length === 0);
  return chosen.map(({ name }) => name);
}

function holders(
  service: Service,
  name: string,
  namesOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const having = (fits: (pattern: string) => boolean): readonly string[] =>
    service.certificates.filter((certificate) => namesOf.get(certificate)?.some(fits) === true);
  const exact = having((pattern) => pattern.toLowerCase() === name.toLowerCase());
  return exact.length > 0 ? exact : having((pattern) => covers(pattern, name));
}

/** A service with several certificates may have two for one name: asked for by the kind of key, it shows either. */
export function withKey(
  looks: readonly Look[],
  service: Service,
  key: KeyFamily | undefined,
): readonly Look[] {
  if (key === undefined || service.certificates.length === 1) return looks;
  return looks.map((look) => ({ ...look, key }));
}

/** The same by the service's own configuration: each listener and name at which it shows this certificate. */
export function boundLooks(bound: Bound, certificate: string): readonly Look[] {
  if (bound.kind === 'unread') return [];
  const own = bound.uses.filter(
    ({ of }) => of?.kind === 'follows' && of.certificate === certificate,
  );
  const looks = own.map(({ endpoint, servername }) => ({ endpoint, servername }));
  return [...new Map(looks.map((look) => [describeLook(look), look])).values()];
}

/** Why a certificate can't be looked at there, for a person. */
export function whyNoLook(
  { name }: Service,
  certificate: string,
  bound: Bound | undefined,
): string {
  if (bound === undefined) return "none of the service's `names` is a name of this certificate";
  if (bound.kind === 'unread') return `its configuration can't be read: ${bound.why}`;
  const pinned = bound.uses.find(
    ({ of }) => of?.kind === 'pinned' && of.certificate === certificate,
  );
  return pinned !== undefined
    ? `its configuration names one version for ever, ${pinned.certificate} (${pinned.where}); name live/${certificate}/ there`
    : `its configuration uses this certificate nowhere; hub-agent detect shows what ${name} uses`;
}
