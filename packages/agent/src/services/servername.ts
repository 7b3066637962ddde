/**
 * What a client can ask for by SNI, in the form that names are compared in. RFC 6066 §3: a host name without the
 * trailing dot, no address. A wildcard, a regular expression or a placeholder is nobody's name.
 */
export function servername(text: string): string | undefined {
  const name = text.toLowerCase();
  // `_` is what people write for a server that no name is to choose.
  if (name.length > 253 || /^(?:[\d.]+|_)$/.test(name)) return undefined;
  return name.split('.').every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))
    ? name
    : undefined;
}
