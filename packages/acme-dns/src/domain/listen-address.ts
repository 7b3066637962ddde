import { parseAddress } from './ip-address.js';

/** Where a server listens; port 0 lets the system choose one. */
export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** `127.0.0.1:53`, `[::1]:53`, `[fe80::1%eth0]:53`, `:53` for every address; undefined where it is neither. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const address = (match?.[1] ?? match?.[2] ?? '') || '::';
  const valid = parseAddress(address.replace(/%.*$/, '')) !== undefined;
  return match !== null && valid && port <= 65_535 ? { address, port } : undefined;
}

export function listenText({ address, port }: ListenAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
