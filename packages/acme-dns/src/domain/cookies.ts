import { clientAddress } from './ip-address.js';
import type { Query } from './query.js';
import { sipHash24 } from './siphash.js';

export type CookieCheck =
  | { readonly kind: 'malformed' }
  /** `option` is the whole COOKIE option that the reply carries. */
  | { readonly kind: 'valid' | 'unproven'; readonly option: Uint8Array };

export interface Cookies {
  check(query: Query, address: string): CookieCheck;
}

export const noCookies: Cookies = {
  check: () => ({ kind: 'unproven', option: new Uint8Array() }),
};

/**
 * Server cookies as RFC 9018 §4 builds them: version 1, time, SipHash of client cookie, time and client address.
 * `secret` has 16 octets; several servers of one name must have the same.
 */
export class ServerCookies implements Cookies {
  private readonly secret: Uint8Array;
  private readonly seconds: () => number;

  constructor(secret: Uint8Array, seconds: () => number) {
    this.secret = secret;
    this.seconds = seconds;
  }

  check(query: Query, address: string): CookieCheck {
    const size = query.cookieLength;
    // RFC 7873 §5.2.2: a client cookie of 8 octets, alone or with 8 to 32 of the server's.
    if (size !== 8 && (size < 16 || size > 40)) return { kind: 'malformed' };
    const cookie = query.bytes.slice(query.cookieAt, query.cookieAt + size);
    const client = cookie.subarray(0, 8);
    const now = this.seconds() >>> 0;
    const kind = this.isOurs(cookie, address, now) ? 'valid' : 'unproven';
    const option = new Uint8Array(28);
    option.set([0, 10, 0, 24]);
    option.set(client, 4);
    option.set(this.serverCookie(client, now, address), 12);
    return { kind, option };
  }

  /** RFC 9018 §4.3: an hour old at most, and five minutes ahead for clocks that differ. */
  private isOurs(cookie: Uint8Array, address: string, now: number): boolean {
    if (cookie.length !== 24 || cookie[8] !== 1) return false;
    const made = new DataView(cookie.buffer, cookie.byteOffset).getUint32(12);
    const age = (now - made) | 0; // serial number arithmetic, RFC 1982
    if (age > 3_600 || age < -300) return false;
    const expected = this.serverCookie(cookie.subarray(0, 8), made, address);
    let difference = 0;
    for (let at = 0; at < 16; at++) difference |= (expected[at] ?? 0) ^ (cookie[8 + at] ?? 0);
    return difference === 0;
  }

  private serverCookie(client: Uint8Array, made: number, address: string): Uint8Array {
    const input = Uint8Array.of(
      ...client,
      1,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      ...(clientAddress(address) ?? []),
    );
    new DataView(input.buffer).setUint32(12, made);
    return Uint8Array.of(...input.subarray(8, 16), ...sipHash24(this.secret, input));
  }
}
