import { rcode, rcodeName, recordType } from '../domain/codes.js';
import type { DomainName } from '../domain/domain-name.js';
import { plainText } from '../domain/record-fields.js';
import type { Response } from '../domain/response.js';
import { setFinding, type DnssecPlace } from './dnssec-words.js';
import { notTested, ok, wrong, type Finding } from './finding.js';
import { judgeSet, setsOf, type SignedSet, type ZoneKey } from './signed-set.js';

interface Asked {
  readonly owner: DomainName;
  readonly type: number;
  /** `_acme-challenge.example.org CNAME` */
  readonly what: string;
}

/** Whether the answer's own records, or those that say that there is none, are signed by the zone's keys. */
export function checkSignedAnswer(
  place: DnssecPlace,
  asked: Asked,
  keys: readonly ZoneKey[],
  response: Response,
): Finding {
  const { who, zone } = place;
  const { owner, type, what } = asked;
  if (response.rcode !== rcode.noError && response.rcode !== rcode.nxDomain)
    return notTested(
      `${who}: answers ${rcodeName(response.rcode)} for ${what}`,
      `Is it a name server of ${zone}?`,
    );
  const answer = setsOf(response.answer);
  const judged = (set: SignedSet, called: string): Finding =>
    setFinding(place, called, judgeSet(set, place.zoneName, keys, place.now), 'zone');
  // What a DNAME record makes of a name carries no signature of its own (RFC 6672 §5.3.1).
  const above = answer.find((set) => set.type === recordType.DNAME && isBelow(owner, set.owner));
  if (above !== undefined) return judged(above, `${plainText(above.owner)} DNAME`);
  const own = answer.find(
    (set) => set.owner.equals(owner) && (set.type === type || set.type === recordType.CNAME),
  );
  if (own !== undefined) return judged(own, what);
  const authority = setsOf(response.authority);
  const child = authority.find(
    (set) => set.type === recordType.NS && isBelow(set.owner, place.zoneName),
  );
  if (child !== undefined)
    return notTested(
      `${what}: ${zone} delegates ${plainText(child.owner)} to other name servers`,
      'Ask for it there.',
    );
  return absence(place, what, authority, judged);
}

/** RFC 4035 §5.4, but for what the NSEC records say. */
function absence(
  { who, zone }: DnssecPlace,
  what: string,
  authority: readonly SignedSet[],
  judged: (set: SignedSet, called: string) => Finding,
): Finding {
  const soa = authority.find(({ type }) => type === recordType.SOA);
  const proofs = authority.filter(({ type }) => proofTypes.includes(type));
  if (soa === undefined || proofs.length === 0)
    return wrong(
      `${who}: ${what} is not there, and the answer does not prove it (${soa === undefined ? 'no SOA' : 'no NSEC'} record): validating resolvers do not take it`,
      `Have the zone ${zone} signed anew, and see that the server sends signed answers whole.`,
    );
  const faulty = [soa, ...proofs]
    .map((set) =>
      judged(set, `${what} is not there; the record of ${plainText(set.owner)} that says so`),
    )
    .find(({ state }) => state !== 'ok');
  return (
    faulty ??
    ok(
      `${who}: ${what} is not there, and that is signed (whether NSEC covers the name is not tested)`,
    )
  );
}

const proofTypes: readonly number[] = [recordType.NSEC, recordType.NSEC3];

function isBelow(name: DomainName, above: DomainName): boolean {
  return name.isAtOrBelow(above) && !name.equals(above);
}
