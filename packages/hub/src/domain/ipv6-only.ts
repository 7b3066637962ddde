/**
 * Authorities that document that they ask name servers which have IPv6 alone. Let's Encrypt: "IPv6 Support", for the
 * DNS look-ups of domain validation. Of others no word was found.
 */
const known: readonly RegExp[] = [/(^|\.)api\.letsencrypt\.org$/];

/** `host`: of the authority's directory, with or without its port. */
export function answersIpv6Alone(host: string): boolean {
  const bare = host.replace(/:\d+$/, '');
  return known.some((pattern) => pattern.test(bare));
}
