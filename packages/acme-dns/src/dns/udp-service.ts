import type { RateLimiter } from '../domain/rate-limit.js';
import type { Responder } from '../domain/responder.js';
import type { Counters } from './counters.js';

/** What answers a datagram; the limiter is replaced when the configuration is read again. */
export interface UdpService {
  readonly responder: Responder;
  limiter: RateLimiter;
  readonly counters: Counters;
}

/** Holds the longest reply over UDP, and every query that is not malformed by its length alone. */
export const slotSize = 2_048;

/** Writes the reply to one datagram into `out` and returns its length; 0 is silence. */
export function answerDatagram(
  service: UdpService,
  message: Uint8Array,
  length: number,
  out: Uint8Array,
  address: string,
): number {
  const { responder, counters } = service;
  counters.queries.udp++;
  const size = responder.respond(message, length, out, 'udp', address);
  if (size === 0) {
    counters.silent++;
    return 0;
  }
  counters.outcomes[responder.outcome]++;
  if (responder.provenAddress) return size;
  switch (service.limiter.judge(address, Date.now())) {
    case 'send':
      return size;
    case 'slip':
      counters.limited.slipped++;
      return responder.slip();
    case 'drop':
      counters.limited.dropped++;
      return 0;
  }
}
