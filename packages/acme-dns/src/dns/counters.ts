import type { Outcome, Transport } from '../domain/responder.js';

/** What the answering thread has done since its start. Counting is an addition to an array element, never a message. */
export interface Counters {
  readonly queries: Record<Transport, number>;
  readonly outcomes: Record<Outcome, number>;
  readonly limited: { dropped: number; slipped: number };
  readonly connections: {
    open: number;
    accepted: number;
    closedIdle: number;
    closedSlow: number;
    closedFull: number;
  };
  silent: number;
  /** Datagrams come and go by the batch; false where the native part was not built. */
  batchedUdp: boolean;
}

export function newCounters(): Counters {
  return {
    queries: { udp: 0, tcp: 0 },
    outcomes: { answered: 0, nodata: 0, nxdomain: 0, refused: 0, malformed: 0, other: 0 },
    limited: { dropped: 0, slipped: 0 },
    connections: { open: 0, accepted: 0, closedIdle: 0, closedSlow: 0, closedFull: 0 },
    silent: 0,
    batchedUdp: false,
  };
}
