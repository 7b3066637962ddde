/** Where a service listens, as agent.toml writes it: `[::1]:443`, `192.0.2.1:443`, `localhost:443`. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Undefined where the text is no `host:port`; an IPv6 address without brackets is ambiguous and is none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]+(?:%[^\]\s]+)?)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  if (parts?.[1] !== undefined && !host.includes(':')) return undefined;
  return { host, port };
}

export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
