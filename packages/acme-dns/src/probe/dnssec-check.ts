import { digestInput } from '../domain/canonical-form.js';
import { rcode, rcodeName, recordType, typeName } from '../domain/codes.js';
import { DomainName } from '../domain/domain-name.js';
import { listenText, type ListenAddress } from '../domain/listen-address.js';
import type { DsFields } from '../domain/record-fields.js';
import type { ReceivedRecord } from '../domain/response.js';
import { askWhole, type QuestionOptions } from './ask.js';
import { checkSignedAnswer } from './dnssec-answer.js';
import { setFinding, type DnssecPlace } from './dnssec-words.js';
import { notTested, ok, wrong, type Finding } from './finding.js';
import { digestOf, knowsAlgorithm, knowsDigest } from './signature-crypto.js';
import { judgeSet, setsOf, zoneKeysOf, type ZoneKey } from './signed-set.js';

export interface Question {
  readonly name: string;
  readonly type: number;
}

export interface DnssecOptions {
  readonly zone: string;
  /** The zone above, whose servers hold the DS records. */
  readonly parent: string;
  readonly ds: readonly DsFields[];
  /** One of the zone's own, and what it is called in the findings. */
  readonly server: ListenAddress;
  readonly who?: string;
  /** Names of the zone whose records are to be validated, or their absence. */
  readonly asked: readonly Question[];
  readonly now: Date;
  readonly ask?: Pick<QuestionOptions, 'by' | 'withinMs' | 'signal'>;
}

/**
 * Whether a validating resolver takes what this server says (RFC 4035 §5): from the DS records above to the zone's keys,
 * and from these to each record that is asked for. Where it does not, an authority issues nothing for the domain. The
 * chain above the DS records is not looked at, nor whether the NSEC records of an absence cover the name.
 */
export async function checkDnssec(options: DnssecOptions): Promise<readonly Finding[]> {
  const { zone, parent, ds, server } = options;
  const zoneName = DomainName.parse(`${zone.replace(/\.$/, '')}.`);
  if (zoneName === undefined) return [wrong(`${zone} is no domain name`, 'Correct its name.')];
  if (ds.length === 0)
    return [ok(`${parent} has no DS record for ${zone}: nobody validates it, be it signed or not`)];
  const usable = usableOf(ds);
  if (usable.length === 0)
    return [
      notTested(
        `the DS records of ${zone} in ${parent} are of algorithms that are not known here (${ds.map(algorithmsText).join('; ')})`,
        'Resolvers that do not know them either take the zone for unsigned (RFC 4035 §5.2).',
      ),
    ];
  const who = options.who ?? `${zone} at ${listenText(server)}`;
  const place: DnssecPlace = { zone, zoneName, parent, who, now: options.now };
  const keys = await checkKeys(place, usable, options);
  if ('state' in keys) return [keys];
  const findings: Finding[] = [keys.finding];
  if (keys.trusted)
    for (const question of options.asked)
      findings.push(await checkQuestion(place, question, keys.keys, options));
  return findings;
}

/** SHA-1 counts only where nothing better is there (RFC 4509 §3). */
function usableOf(ds: readonly DsFields[]): readonly DsFields[] {
  const known = ds.filter(
    ({ algorithm, digestType }) => knowsAlgorithm(algorithm) && knowsDigest(digestType),
  );
  const better = known.filter(({ digestType }) => digestType !== sha1);
  return better.length > 0 ? better : known;
}

const sha1 = 1;
const sha256 = 2;

function algorithmsText({ algorithm, digestType }: DsFields): string {
  return `algorithm ${algorithm}, digest ${digestType}`;
}

interface CheckedKeys {
  readonly finding: Finding;
  /** The signature counts, though the finding may have something to say about it. */
  readonly trusted: boolean;
  readonly keys: readonly ZoneKey[];
}

/** RFC 4035 §5.2: a key that a DS record stands for signs all the keys. */
async function checkKeys(
  place: DnssecPlace,
  ds: readonly DsFields[],
  { server, ask }: DnssecOptions,
): Promise<CheckedKeys | Finding> {
  const { zone, zoneName, parent, who, now } = place;
  const answer = await askWhole(server, zone, recordType.DNSKEY, { ...ask, dnssec: true });
  if (answer.kind === 'silent') return silent(`${who}: DNSKEY of ${zone}`, answer.reason);
  const { response } = answer;
  if (response.rcode !== rcode.noError)
    return wrong(
      `${who}: answers ${rcodeName(response.rcode)} for the keys of ${zone}, which has a DS record in ${parent}`,
      'Is it a name server of this zone? Another one that answers may still be asked instead.',
    );
  const set = setsOf(response.answer).find(
    ({ type, owner }) => type === recordType.DNSKEY && owner.equals(zoneName),
  );
  if (set === undefined)
    return wrong(
      `${parent} has a DS record for ${zone}, but ${who} has no DNSKEY: validating resolvers take nothing from it`,
      `Remove the DS record of ${zone} at the registrar, or have the zone signed with the key that it stands for.`,
    );
  const matched = set.records.filter((record) => ds.some((one) => standsFor(one, record)));
  const tags = tagsText(zoneKeysOf(set.records).map(({ tag }) => tag));
  if (zoneKeysOf(matched).length === 0)
    return wrong(
      `the DS record of ${zone} in ${parent} stands for ${tagsText(ds.map(({ keyTag }) => keyTag))}, ${who} has ${tags}: validating resolvers take nothing from it`,
      `After a change of keys or of the DNS provider: replace the DS record at the registrar by\n${dsLines(zone, set.records)}\nor remove it until the zone is signed as it should be.`,
    );
  const verdict = judgeSet(set, zoneName, zoneKeysOf(matched), now);
  const finding = setFinding(place, `the keys of ${zone}`, verdict, 'DS');
  return { finding, trusted: verdict.kind === 'valid', keys: zoneKeysOf(set.records) };
}

function standsFor(ds: DsFields, key: ReceivedRecord): boolean {
  const [own] = zoneKeysOf([key]);
  if (own?.tag !== ds.keyTag || own.fields.algorithm !== ds.algorithm) return false;
  return Buffer.from(ds.digest).equals(digestOf(ds.digestType, digestInput(key)));
}

/** As the registrar takes them: for the keys that are marked as entry points, or for all (RFC 4034 §2.1.1). */
function dsLines(zone: string, records: readonly ReceivedRecord[]): string {
  const able = records.filter((record) => zoneKeysOf([record]).length > 0);
  const marked = able.filter(({ fields }) => fields.kind === 'key' && (fields.flags & 1) === 1);
  const lines = (marked.length > 0 ? marked : able).flatMap((record) =>
    zoneKeysOf([record]).map(({ tag, fields }) => {
      const digest = Buffer.from(digestOf(sha256, digestInput(record))).toString('hex');
      return `${zone}. DS ${tag} ${fields.algorithm} ${sha256} ${digest.toUpperCase()}`;
    }),
  );
  return lines.join('\n');
}

function tagsText(tags: readonly number[]): string {
  const numbers = [...new Set(tags)].toSorted((left, right) => left - right);
  return numbers.length === 0 ? 'no key' : `the key ${numbers.join(', ')}`;
}

async function checkQuestion(
  place: DnssecPlace,
  { name, type }: Question,
  keys: readonly ZoneKey[],
  { server, ask }: DnssecOptions,
): Promise<Finding> {
  const what = `${plainName(name)} ${typeName(type)}`;
  const owner = DomainName.parse(`${plainName(name)}.`);
  if (owner === undefined || !owner.isAtOrBelow(place.zoneName))
    return notTested(`${what} is not in ${place.zone}`, 'Ask for it where its zone is.');
  const answer = await askWhole(server, name, type, { ...ask, dnssec: true });
  if (answer.kind === 'silent') return silent(`${place.who}: ${what}`, answer.reason);
  return checkSignedAnswer(place, { owner, type, what }, keys, answer.response);
}

function silent(what: string, reason: string): Finding {
  return notTested(
    `${what}: ${reason}`,
    'Its signatures can be checked when it answers from here.',
  );
}

function plainName(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}
