/**
 * Certification Authority Authorization (RFC 8659), with the parameters of RFC 8657: whether an authority may issue
 * for a name. What is judged is the closest set of CAA records at the name or above it; finding it is done elsewhere.
 */
export interface CaaRecord {
  /** Bit 7 of the flags: who does not know the property must not issue (RFC 8659 §4.1). */
  readonly critical: boolean;
  /** In lower case. */
  readonly tag: string;
  readonly value: string;
}

/** The relevant records of a name (RFC 8659 §3). */
export type CaaSighting =
  | { readonly kind: 'records'; readonly at: string; readonly records: readonly CaaRecord[] }
  /** No name up to the root has one: any authority may issue. */
  | { readonly kind: 'none' }
  /** It could not be looked up here, which does not say that the authority can't. */
  | { readonly kind: 'untested'; readonly reason: string };

/** Who would issue, and how. */
export interface Applicant {
  /** As the directory has them (`meta.caaIdentities`); none: not known, and nothing is judged by the issuer. */
  readonly identities: readonly string[];
  /** RFC 8657 §4: names of the validation methods, any of which will do. */
  readonly methods: readonly string[];
  /** RFC 8657 §3; undefined while there is no account. */
  readonly accountUrl: string | undefined;
}

export type CaaVerdict =
  | { readonly kind: 'allowed'; readonly by: string }
  | { readonly kind: 'forbidden'; readonly why: string; readonly remedy: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Properties that are about something else than issuance, and those judged here. */
const understood: ReadonlySet<string> = new Set([
  ...['issue', 'issuewild', 'iodef', 'issuemail', 'issuevmc'],
  ...['contactemail', 'contactphone'],
]);

export function judgeCaa(
  sighting: CaaSighting,
  wildcard: boolean,
  applicant: Applicant,
): CaaVerdict {
  switch (sighting.kind) {
    case 'none':
      return { kind: 'allowed', by: 'no CAA record' };
    case 'untested':
      return { kind: 'unknown', why: sighting.reason };
    case 'records':
      return judgeRecords(sighting.at, sighting.records, wildcard, applicant);
    default:
      return sighting satisfies never;
  }
}

function judgeRecords(
  at: string,
  records: readonly CaaRecord[],
  wildcard: boolean,
  applicant: Applicant,
): CaaVerdict {
  const unknown = records.find(({ critical, tag }) => critical && !understood.has(tag));
  if (unknown !== undefined) {
    return {
      kind: 'forbidden',
      why: `CAA at ${at} has the critical property ${unknown.tag}, which authorities do not know`,
      remedy: `Remove from ${at}: CAA 128 ${unknown.tag} "${unknown.value}"`,
    };
  }
  const of = (tag: string): readonly CaaRecord[] => records.filter((one) => one.tag === tag);
  // RFC 8659 §4.3: issuewild, where there is one, speaks for wildcards in place of issue.
  const tag = wildcard && of('issuewild').length > 0 ? 'issuewild' : 'issue';
  const properties = of(tag);
  if (properties.length === 0) return { kind: 'allowed', by: `CAA at ${at}, which limits nobody` };
  const faults = properties.map(({ value }) => ({ value, fault: faultOf(value, applicant) }));
  const good = faults.find(({ fault }) => fault === undefined);
  if (good !== undefined) return { kind: 'allowed', by: `CAA at ${at}: ${tag} "${good.value}"` };
  if (applicant.identities.length === 0) {
    return { kind: 'unknown', why: `the authority does not say by which name CAA records know it` };
  }
  const said = faults.map(({ value, fault }) => `${tag} "${value}" ${fault ?? ''}`).join('; ');
  return {
    kind: 'forbidden',
    why: `CAA at ${at} does not allow it: ${said}`,
    remedy: `Add to ${at}: CAA 0 ${tag} "${applicant.identities[0] ?? ''}"`,
  };
}

/** Why this property does not allow the applicant; undefined where it does. */
function faultOf(
  value: string,
  { identities, methods, accountUrl }: Applicant,
): string | undefined {
  const parsed = parseIssueValue(value);
  if (parsed === undefined) return 'is malformed, which allows nobody';
  const { issuer, parameters } = parsed;
  if (issuer === '') return 'allows nobody';
  if (!identities.some((identity) => identity.toLowerCase() === issuer)) {
    return `is for ${issuer}`;
  }
  const allowed = parameters.get('validationmethods');
  if (allowed !== undefined && !allowed.split(',').some((one) => methods.includes(one))) {
    return `allows ${allowed} alone, and the hub validates by ${methods.join(' or ')}`;
  }
  const account = parameters.get('accounturi');
  if (account !== undefined && account !== accountUrl) {
    return accountUrl === undefined
      ? `is for the account ${account}, and the hub has none there yet`
      : `is for the account ${account}, and the hub's is ${accountUrl}`;
  }
  return undefined;
}

const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const issueValue = new RegExp(`^[ \\t]*((?:${label}\\.)*${label})?[ \\t]*(?:;(.*))?$`, 'is');
const parameter =
  /^[ \t]*([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)[ \t]*=[ \t]*([\x21-\x3a\x3c-\x7e]*)[ \t]*$/i;

/** RFC 8659 §4.2: `[issuer-domain-name] [; tag=value [; …]]`; undefined where it is not of that form. */
function parseIssueValue(
  value: string,
): { readonly issuer: string; readonly parameters: ReadonlyMap<string, string> } | undefined {
  const match = issueValue.exec(value);
  if (match === null) return undefined;
  const parameters = new Map<string, string>();
  const rest = match[2]?.trim() ?? '';
  for (const part of rest === '' ? [] : rest.replace(/;$/, '').split(';')) {
    const [, name, content] = parameter.exec(part) ?? [];
    if (name === undefined || content === undefined) return undefined;
    parameters.set(name.toLowerCase(), content);
  }
  return { issuer: match[1]?.toLowerCase() ?? '', parameters };
}
