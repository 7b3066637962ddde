import { clientAddress } from './ip-address.js';

export type Verdict = 'send' | 'slip' | 'drop';

export interface RateLimits {
  /** Responses that one network gets in a second; 0 is no limit. */
  readonly perSecond: number;
  /** Every so-manieth response that is held back is sent empty and truncated instead; 1 means each. */
  readonly slip: number;
  /** Never limited: who asks from here can't be a forged address, or is known. */
  readonly exempt: readonly { containsBytes(address: Uint8Array): boolean }[];
}

/**
 * Response rate limiting, so that forged senders can't use this server against them. The unit is the network a forger
 * aims at: /24 and /56. A resolver that shares it is never starved: the truncated answer moves it to TCP, which can't
 * be forged and is not limited, and neither is a client with a valid cookie.
 */
export class RateLimiter {
  private readonly limits: RateLimits;
  private readonly buckets: Int32Array;
  private readonly since: Float64Array;
  private readonly held: Uint32Array;
  private readonly known = new Map<string, number>();

  constructor(limits: RateLimits) {
    this.limits = limits;
    this.buckets = new Int32Array(tableSize).fill(limits.perSecond);
    this.since = new Float64Array(tableSize);
    this.held = new Uint32Array(tableSize);
  }

  /** `now` in milliseconds, of any clock. */
  judge(address: string, now: number): Verdict {
    const { perSecond } = this.limits;
    if (perSecond === 0) return 'send';
    const slot = this.known.get(address) ?? this.learn(address);
    if (slot === exempt) return 'send';
    const elapsed = now - (this.since[slot] ?? 0);
    if (elapsed >= 1_000 || elapsed < 0) {
      this.since[slot] = now;
      this.buckets[slot] = perSecond;
    }
    const left = (this.buckets[slot] ?? 0) - 1;
    if (left >= 0) {
      this.buckets[slot] = left;
      return 'send';
    }
    const held = (this.held[slot] ?? 0) + 1;
    this.held[slot] = held;
    return held % this.limits.slip === 0 ? 'slip' : 'drop';
  }

  /** Networks share a slot only by accident of the hash; the memory is bounded whoever asks. */
  private learn(address: string): number {
    if (this.known.size >= mostAddresses) this.known.clear();
    const bytes = clientAddress(address) ?? new Uint8Array(4);
    const free = this.limits.exempt.some((network) => network.containsBytes(bytes));
    let hash = bytes.length;
    for (const byte of bytes.subarray(0, bytes.length === 4 ? 3 : 7))
      hash = Math.imul(hash ^ byte, 0x9e3779b1) ^ (hash >>> 13);
    const slot = free ? exempt : (hash ^ (hash >>> 16)) & (tableSize - 1);
    this.known.set(address, slot);
    return slot;
  }
}

const tableSize = 65_536;
const mostAddresses = 65_536;
const exempt = -1;
