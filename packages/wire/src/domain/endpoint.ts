/** How a client speaks to a listener until it is shown a certificate. */
export const protocols = [
  /** TLS from the first byte, and nothing said in it: HTTPS and whatever else. */
  'tls',
  'smtps',
  'imaps',
  'pop3s',
  /** RFC 3207. */
  'smtp',
  /** RFC 2033, by STARTTLS as SMTP. */
  'lmtp',
  /** RFC 2595, by STARTTLS and STLS. */
  'imap',
  'pop3',
  /** ManageSieve, RFC 5804 §2.2. */
  'sieve',
] as const;
export type Protocol = (typeof protocols)[number];

/** Where a service listens, as agent.toml writes it: `[::1]:443`, `smtp://192.0.2.1:2525`, `localhost:993`. */
export interface Endpoint {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
}

/** By the registered ports; what listens elsewhere is TLS unless it is said. */
const usual: ReadonlyMap<number, Protocol> = new Map([
  [24, 'lmtp'],
  [25, 'smtp'],
  [110, 'pop3'],
  [143, 'imap'],
  [465, 'smtps'],
  [587, 'smtp'],
  [993, 'imaps'],
  [995, 'pop3s'],
  [4190, 'sieve'],
]);

function usualProtocol(port: number): Protocol {
  return usual.get(port) ?? 'tls';
}

/** Undefined where the text is no `[protocol://]host:port`; an IPv6 address without brackets is ambiguous and is none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const parts =
    /^(?:([a-z0-9]+):\/\/)?(?:\[([0-9a-fA-F:.]+(?:%[^\]\s]+)?)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(
      text,
    );
  const host = parts?.[2] ?? parts?.[3];
  const port = Number(parts?.[4]);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  if (parts?.[2] !== undefined && !host.includes(':')) return undefined;
  const named = parts?.[1];
  const protocol =
    named === undefined ? usualProtocol(port) : protocols.find((one) => one === named);
  return protocol === undefined ? undefined : { protocol, host, port };
}

export function formatEndpoint({ protocol, host, port }: Endpoint): string {
  const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return protocol === usualProtocol(port) ? place : `${protocol}://${place}`;
}
