import type { Clock } from '@sixhub/base';
import { clientAddress } from '../domain/ip-address.js';

/**
 * How often each network (/24, /56) may do something that costs the server memory or time. Loopback is not counted:
 * who is there is the operator, or a proxy that ought to be named as one.
 */
export class Allowance {
  private readonly perMinute: number;
  private readonly clock: Clock;
  private readonly spent = new Map<string, { left: number; at: number }>();

  constructor(perMinute: number, clock: Clock) {
    this.perMinute = perMinute;
    this.clock = clock;
  }

  /** Seconds to wait, 0 if it may. */
  take(address: string): number {
    const bytes = clientAddress(address);
    if (this.perMinute === 0 || (bytes !== undefined && isLoopback(bytes))) return 0;
    // Whoever hides behind a header that holds no address shares with all who do.
    const network = bytes?.subarray(0, bytes.length === 4 ? 3 : 7).join('.') ?? 'unknown';
    const now = this.clock.now().getTime();
    const known = this.spent.get(network) ?? { left: this.perMinute, at: now };
    const refilled = known.left + ((now - known.at) / 60_000) * this.perMinute;
    const left = Math.min(this.perMinute, refilled);
    if (left < 1) return Math.ceil(((1 - left) * 60) / this.perMinute);
    if (this.spent.size >= mostNetworks) this.spent.clear();
    this.spent.set(network, { left: left - 1, at: now });
    return 0;
  }
}

const mostNetworks = 65_536;

function isLoopback(bytes: Uint8Array): boolean {
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes[15] === 1 && bytes.subarray(0, 15).every((byte) => byte === 0);
}
