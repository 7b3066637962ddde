import type { IncomingMessage } from 'node:http';
import type { Network } from '../domain/network.js';

/** Where the address of a client is taken from. */
export type AddressSource =
  /** The connection's other end. */
  | { readonly kind: 'connection' }
  /** A header that is believed from these proxies alone, read from its end as far as proxies wrote it. */
  | { readonly kind: 'proxies'; readonly header: string; readonly proxies: readonly Network[] }
  /** The Go program's use_header: any address in the header counts, so whoever reaches the port can claim one. */
  | { readonly kind: 'any-in-header'; readonly header: string };

/** All addresses that a request may count as; the first is for the log. */
export function clientAddresses(
  request: IncomingMessage,
  source: AddressSource,
): readonly string[] {
  const peer = request.socket.remoteAddress ?? '';
  switch (source.kind) {
    case 'connection':
      return [peer];
    case 'any-in-header': {
      const listed = headerAddresses(request, source.header);
      return listed.length === 0 ? [''] : listed;
    }
    case 'proxies': {
      const trusted = (address: string): boolean =>
        source.proxies.some((network) => network.contains(address));
      const chain = [...headerAddresses(request, source.header), peer];
      // The last one that is no proxy of ours: what stands before it, anybody may have written.
      const client = chain.findLast((address, index) => index === 0 || !trusted(address));
      return [client ?? peer];
    }
    default:
      return source satisfies never;
  }
}

function headerAddresses(request: IncomingMessage, header: string): readonly string[] {
  const value = request.headers[header.toLowerCase()];
  const text = Array.isArray(value) ? value.join(',') : (value ?? '');
  return text
    .split(',')
    .map((part) => part.trim().replace(/^\[(.*)\]$/, '$1'))
    .filter((part) => part !== '');
}
