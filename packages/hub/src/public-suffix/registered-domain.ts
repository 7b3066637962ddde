import { getDomain } from 'tldts';

/**
 * The domain that somebody registered, by the Public Suffix List: an authority counts what belongs to one owner. Its
 * private section counts too (`a.github.io` and `b.github.io` are two owners), as it does at Let's Encrypt. A name that
 * is a public suffix itself has no such domain, and stands for itself. An ending that the list does not know is one
 * label, which the list says of itself.
 */
export function registeredDomain(name: string): string {
  const bare = name.replace(/^\*\./, '');
  return getDomain(bare, listed) ?? bare;
}

/** A `DnsName` needs neither be found in a URL nor checked. */
const listed = { allowPrivateDomains: true, extractHostname: false, validateHostname: false };

export function registeredDomains(names: readonly string[]): readonly string[] {
  return [...new Set(names.map(registeredDomain))];
}
