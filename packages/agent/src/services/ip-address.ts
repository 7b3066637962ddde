import { isIP } from 'node:net';

/** An IP address in the one text that equal addresses share; undefined where it is none (a host name, a path). */
export function ipAddress(text: string): string | undefined {
  switch (isIP(text)) {
    case 4:
      return text;
    case 6: {
      // A link-local address has a zone, which no URL may: it is compared as it is written.
      if (text.includes('%')) return text.toLowerCase();
      return new URL(`http://[${text}]`).hostname.slice(1, -1);
    }
    default:
      return undefined;
  }
}

/** `[::1]:443`, `192.0.2.1:443`, `*:443`, `*:*`, as servers print and read them. */
export function splitHostPort(
  text: string,
): { readonly host: string; readonly port: string } | undefined {
  const colon = text.lastIndexOf(':');
  if (colon === -1 || text.endsWith(']')) return undefined;
  return { host: withoutBrackets(text.slice(0, colon)), port: text.slice(colon + 1) };
}

export function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

export function portNumber(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}
