/** A DNS name as an ACME identifier has it: lower-case A-labels without a final dot, at most one leading `*.`. */
export type DnsName = string & { readonly __brand: 'DnsName' };

export type ParsedDnsName =
  | { readonly kind: 'name'; readonly name: DnsName }
  | { readonly kind: 'not-a-name'; readonly reason: string };

/** RFC 1035 §2.3.4 lengths, RFC 1123 §2.1 letters, RFC 5891 for what is not ASCII. */
export function parseDnsName(text: string): ParsedDnsName {
  const no = (reason: string): ParsedDnsName => ({ kind: 'not-a-name', reason });
  const wildcard = text.startsWith('*.');
  const bare = (wildcard ? text.slice(2) : text).replace(/\.$/, '');
  if (bare === '') return no('it is empty');
  if (/[/:@?#\s%\\[\]]/.test(bare)) return no('it has characters that no domain has');
  const ascii = toAscii(bare);
  if (ascii === undefined) return no('it has characters that no domain has');
  if (ascii.length > 253) return no('it is longer than 253 characters');
  const labels = ascii.split('.');
  if (labels.length < 2)
    return no('it has no dot: a certificate authority issues for public domains only');
  if (labels.every((label) => /^\d+$/.test(label))) return no('it is an IP address');
  for (const label of labels) {
    if (label.length === 0) return no('two dots follow each other');
    if (label.length > 63) return no(`'${label}' is longer than 63 characters`);
    if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label)) {
      return no(`'${label}' may only have letters, digits and inner dashes`);
    }
  }
  // The parse above is the proof that the brand stands for.
  return { kind: 'name', name: `${wildcard ? '*.' : ''}${ascii}` as DnsName };
}

function toAscii(name: string): string | undefined {
  if (/^[\x20-\x7e]*$/.test(name)) return name.toLowerCase();
  try {
    return new URL(`http://${name}`).hostname;
  } catch {
    return undefined;
  }
}

function isWildcard(name: DnsName): boolean {
  return name.startsWith('*.');
}

/** The domain whose `_acme-challenge` proves the name (RFC 8555 §8.4): a wildcard's is its parent. */
export function challengeDomain(name: DnsName): DnsName {
  return isWildcard(name) ? (name.slice(2) as DnsName) : name;
}

export function wildcardOf(name: DnsName): DnsName {
  return isWildcard(name) ? name : (`*.${name}` as DnsName);
}
