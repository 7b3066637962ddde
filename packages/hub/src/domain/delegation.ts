import type { WantedRecord } from './issuance.js';
import type { DnsName } from './dns-name.js';

/**
 * A domain's delegation: `_acme-challenge.DOMAIN CNAME <account>.<zone>`. What was seen, and what it means.
 * The domain's own name servers are the truth, since authorities ask them; the machine's resolver speaks only
 * where none of them could be asked, and may have the absence cached.
 */
export interface Sighting {
  /** Who was asked: `resolver`, or a name server and its address. */
  readonly by: string;
  readonly saw: Seen;
}

export type Seen =
  | { readonly kind: 'cname'; readonly target: string }
  | { readonly kind: 'nothing' }
  /** No answer, or none that says anything: not tested, which is not the same as missing. */
  | { readonly kind: 'untested'; readonly reason: string };

export interface Sightings {
  readonly resolver: Seen;
  readonly nameServers: readonly Sighting[];
  /** Every name that the resolver came through on its way from `_acme-challenge`: one alias may lead to the next. */
  readonly chain?: readonly string[];
  /** The target that a made-up name beside `_acme-challenge` has: a wildcard CNAME answers. */
  readonly wildcard?: string | undefined;
}

export type Verdict =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'wanted';
      readonly record: WantedRecord;
      /** Nobody sees it, and nobody who could not be asked is left that might. */
      readonly everywhere: boolean;
    }
  /** Nobody gave an answer that says anything; the record may well be there. */
  | { readonly kind: 'untested'; readonly record: WantedRecord };

export function judgeDelegation(domain: DnsName, target: string, sightings: Sightings): Verdict {
  const name = `_acme-challenge.${domain}`;
  const record = (seen: string, found?: string): WantedRecord => ({
    ...{ domain, name, target, seen, found },
  });
  const isRight = (seen: string): boolean =>
    sameName(seen, target) || leadsTo(target, seen, sightings.chain);
  const isMissing = (saw: Seen): boolean =>
    saw.kind === 'nothing' || (saw.kind === 'cname' && !isRight(saw.target));
  const { resolver } = sightings;
  const everywhere =
    sightings.nameServers.every(({ saw }) => isMissing(saw)) &&
    (isMissing(resolver) || resolver.kind === 'untested');
  const wanted = (seen: string, found?: string): Verdict => ({
    ...{ kind: 'wanted', record: record(seen, found), everywhere },
  });
  const tested = sightings.nameServers.filter(({ saw }) => saw.kind !== 'untested');
  const decisive: readonly Sighting[] =
    tested.length > 0 ? tested : [{ by: 'the resolver', saw: resolver }];
  for (const { by, saw } of decisive) {
    switch (saw.kind) {
      case 'cname':
        if (isRight(saw.target)) continue;
        return sightings.wildcard !== undefined && sameName(sightings.wildcard, saw.target)
          ? wanted(`a wildcard CNAME answers in its place at ${by}`, saw.target)
          : wanted(`it points elsewhere at ${by}`, saw.target);
      case 'nothing':
        return wanted(`it is not there at ${by}`);
      case 'untested':
        return { kind: 'untested', record: record(`it could not be looked up: ${saw.reason}`) };
      default:
        return saw satisfies never;
    }
  }
  return { kind: 'ready' };
}

/** RFC 1034 §3.6.2: an alias of an alias is followed by validators too. */
export function leadsTo(target: string, first: string, chain: readonly string[] = []): boolean {
  return (
    chain.some((name) => sameName(name, first)) && chain.some((name) => sameName(name, target))
  );
}

/** RFC 4343, and a final dot that some write. */
export function sameName(left: string, right: string): boolean {
  const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');
  return plain(left) === plain(right);
}
