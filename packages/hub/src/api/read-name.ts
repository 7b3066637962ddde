import { parseDnsName, type DnsName } from '../domain/dns-name.js';
import { Refusal } from '../domain/refusal.js';

export function readName(text: string): DnsName {
  const parsed = parseDnsName(text);
  if (parsed.kind === 'name') return parsed.name;
  throw new Refusal(
    'invalid',
    'not-a-domain',
    `'${text}' is not a domain name: ${parsed.reason}`,
    'Give a domain like example.org.',
  );
}
