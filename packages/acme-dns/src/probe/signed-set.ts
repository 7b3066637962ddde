import { isFromWildcard, keyTag, signedOctets } from '../domain/canonical-form.js';
import { recordType } from '../domain/codes.js';
import type { DomainName } from '../domain/domain-name.js';
import type { KeyFields, SignatureFields } from '../domain/record-fields.js';
import type { ReceivedRecord } from '../domain/response.js';
import { lifeOf, stateAt, type SignatureLife } from '../domain/signature-life.js';
import { isSignedBy, knowsAlgorithm } from './signature-crypto.js';

/** Records of one name and type, with what signs them. */
export interface SignedSet {
  readonly owner: DomainName;
  readonly type: number;
  readonly records: readonly ReceivedRecord[];
  readonly signatures: readonly SignatureFields[];
}

export interface ZoneKey {
  readonly tag: number;
  readonly fields: KeyFields;
}

/** Why a signature counts or not; `tag` is its key's. */
export type Verdict =
  | {
      readonly kind: 'valid';
      readonly tag: number;
      readonly life: SignatureLife;
      readonly wildcard: boolean;
    }
  | { readonly kind: 'over' | 'early'; readonly tag: number; readonly life: SignatureLife }
  | { readonly kind: 'forged'; readonly tag: number }
  /** No such key is among those that may sign here. */
  | { readonly kind: 'foreign key'; readonly tag: number }
  | { readonly kind: 'unknown algorithm'; readonly algorithm: number }
  | { readonly kind: 'unsigned' };

/** The sets of one section, in the order in which they came. */
export function setsOf(section: readonly ReceivedRecord[]): readonly SignedSet[] {
  const sets = new Map<string, { records: ReceivedRecord[]; signatures: SignatureFields[] }>();
  const at = (owner: string, type: number) => {
    const key = `${type} ${owner}`;
    const set = sets.get(key) ?? { records: [], signatures: [] };
    sets.set(key, set);
    return set;
  };
  for (const record of section) {
    const { fields, owner, type } = record;
    if (fields.kind === 'signature') at(owner, fields.covered).signatures.push(fields);
    else if (type !== recordType.OPT) at(owner, type).records.push(record);
  }
  return [...sets.values()].flatMap(({ records, signatures }) => {
    const [first] = records;
    if (first === undefined) return [];
    return [{ owner: first.name, type: first.type, records, signatures }];
  });
}

/** The keys of a set that may sign a zone's data: RFC 4034 §2.1.1 and §2.1.2, and not revoked (RFC 5011 §2.1). */
export function zoneKeysOf(records: readonly ReceivedRecord[]): readonly ZoneKey[] {
  return records.flatMap(({ fields, rdata }) => {
    if (fields.kind !== 'key' || fields.protocol !== 3) return [];
    const signs = (fields.flags & zoneKeyFlag) !== 0 && (fields.flags & revokedFlag) === 0;
    return signs ? [{ tag: keyTag(rdata), fields }] : [];
  });
}

const zoneKeyFlag = 0x0100;
const revokedFlag = 0x0080;

/** One signature that counts is enough (RFC 4035 §5.3.3); else what is nearest to one tells most. */
export function judgeSet(
  set: SignedSet,
  zone: DomainName,
  keys: readonly ZoneKey[],
  now: Date,
): Verdict {
  const verdicts = set.signatures
    .filter(({ signer }) => signer.equals(zone))
    .map((signature) => judge(set, signature, keys, now));
  const ranked = order.flatMap((kind) => verdicts.filter((verdict) => verdict.kind === kind));
  return ranked[0] ?? { kind: 'unsigned' };
}

const order: readonly Verdict['kind'][] = [
  'valid',
  'unknown algorithm',
  'over',
  'early',
  'forged',
  'foreign key',
];

/** RFC 4035 §5.3.1 and §5.3.3; tags are no names, so that several keys may have one. */
function judge(
  { owner, records }: SignedSet,
  signature: SignatureFields,
  keys: readonly ZoneKey[],
  now: Date,
): Verdict {
  const { algorithm, keyTag: tag } = signature;
  if (!knowsAlgorithm(algorithm)) return { kind: 'unknown algorithm', algorithm };
  const possible = keys.filter((key) => key.tag === tag && key.fields.algorithm === algorithm);
  if (possible.length === 0) return { kind: 'foreign key', tag };
  const octets = signedOctets(signature, records);
  const isGenuine = possible.some(
    ({ fields }) =>
      octets !== undefined && isSignedBy(fields.publicKey, algorithm, octets, signature.signature),
  );
  if (!isGenuine) return { kind: 'forged', tag };
  const life = lifeOf(signature, now);
  const state = stateAt(life, now);
  return state === 'in time'
    ? { kind: 'valid', tag, life, wildcard: isFromWildcard(signature, owner) }
    : { kind: state, tag, life };
}
