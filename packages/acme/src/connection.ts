import type { Clock } from '@sixhub/base';
import { directoryDocument, type DirectoryDocument } from './http/documents.js';
import { ClockWatch } from './http/clock-watch.js';
import { Exchange } from './http/exchange.js';
import { Nonces } from './http/nonces.js';
import { Transport } from './http/transport.js';

export interface ConnectionOptions {
  /** RFC 8555 §7.1.1. */
  readonly directoryUrl: string;
  /** PEM roots for the authority's own HTTPS, in place of the system's. */
  readonly trust?: string;
  /** For one request from its start to the end of its answer; 30 s unless said. */
  readonly timeoutMs?: number;
  readonly clock: Clock;
  /** The machine's own clock, in milliseconds; unless said, the system's. Another than `clock` only where that is driven. */
  readonly machineNow?: () => number;
}

/**
 * The directory is read anew after so long: with it come new profiles and terms, and the authority's time, so that no
 * order is made by a clock that was set wrong since.
 */
const directoryMs = 60_000;

/** The sockets, nonces and directory of one authority, for all sessions with it. */
export class Connection implements Disposable {
  readonly host: string;
  readonly #options: ConnectionOptions;
  readonly #transport: Transport;
  readonly #nonces: Nonces;
  readonly #clockWatch: ClockWatch;
  #directory: { readonly at: number; readonly read: DirectoryDocument } | undefined;

  constructor(options: ConnectionOptions) {
    const { clock, directoryUrl, timeoutMs = 30_000, trust, machineNow = Date.now } = options;
    const now = (): Date => clock.now();
    this.#options = options;
    this.host = new URL(directoryUrl).host;
    this.#transport = new Transport({ host: this.host, trust, timeoutMs });
    this.#nonces = new Nonces(now);
    this.#clockWatch = new ClockWatch({ now, machineNow });
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** How far this machine's clock is before the authority's; undefined where no answer said. */
  get aheadMs(): number | undefined {
    return this.#clockWatch.aheadMs;
  }

  exchange(signal: AbortSignal | undefined): Exchange {
    const exchange: Exchange = new Exchange({
      host: this.host,
      transport: this.#transport,
      nonces: this.#nonces,
      clockWatch: this.#clockWatch,
      newNonce: async () => (await this.directory(exchange)).newNonce,
      signal,
    });
    return exchange;
  }

  /** §7.1.1, not older than a minute. Several who ask at the same time may each read it: none waits for another's end. */
  async directory(exchange: Exchange): Promise<DirectoryDocument> {
    const known = this.#directory;
    const now = this.clock.now().getTime();
    if (known !== undefined && Math.abs(now - known.at) < directoryMs) return known.read;
    const read = exchange.parse(directoryDocument, await exchange.get(this.#options.directoryUrl));
    this.#directory = { at: now, read };
    return read;
  }

  [Symbol.dispose](): void {
    this.#transport.close();
  }
}
