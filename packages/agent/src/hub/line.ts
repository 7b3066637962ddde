import { Agent } from 'node:https';
import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { reach } from './addresses.js';
import type { Failure, Place } from './dial.js';
import { trustOptions, type HubTrust } from './exchange.js';

/** For a hub that takes the connection and then says nothing; the next one is not tried before. */
const handshakeWithinMs = 8_000;

export interface Reached {
  readonly place: Place;
  /** From an earlier call; the other side may be closing it just now. */
  readonly isKept: boolean;
}

/**
 * The one connection to the hub, over whichever of its addresses is there first, and for all requests until it is lost.
 * Which one that was is not written down: a dead address costs the next run a quarter of a second, not a wait.
 */
export class HubLine implements Disposable {
  readonly #hubs: readonly string[];
  readonly #trust: HubTrust;
  #open: { readonly place: Place; readonly socket: TLSSocket } | undefined;
  /** For requests, each after `open`. */
  readonly agent: Agent;

  constructor(hubs: readonly string[], trust: HubTrust) {
    this.#hubs = hubs;
    this.#trust = trust;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.agent = Object.assign(agent, { createConnection: () => this.#opened() });
  }

  /**
   * The place at the other end, connected to unless it still is. `failures` are this call's until now; where none is
   * left to be tried, they are told.
   */
  async open(failures: Failure[], signal: AbortSignal): Promise<Reached> {
    if (this.#open !== undefined && isAlive(this.#open.socket)) {
      return { place: this.#open.place, isKept: true };
    }
    for (;;) {
      const { place, socket } = await reach(this.#hubs, failures, signal);
      try {
        this.#open = { place, socket: await secured(socket, this.#trust, signal) };
        return { place, isKept: false };
      } catch (error) {
        signal.throwIfAborted();
        failures.push({ ...place, error });
      }
    }
  }

  #opened(): TLSSocket {
    if (this.#open === undefined) throw new Error('a request before its connection');
    return this.#open.socket;
  }

  /** The connection is no good any more. */
  hangUp(): void {
    this.#open?.socket.destroy();
    this.#open = undefined;
  }

  [Symbol.dispose](): void {
    this.hangUp();
    this.agent.destroy();
  }
}

function isAlive(socket: TLSSocket): boolean {
  return !socket.destroyed && socket.writable && socket.readable;
}

function secured(socket: Socket, trust: HubTrust, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connect({ ...trustOptions(trust), socket });
    const settle = (then: () => void): void => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', onAbort);
      then();
    };
    const stop = (error: unknown): void =>
      settle(() => {
        secure.on('error', () => undefined); // told already
        secure.destroy();
        reject(error);
      });
    const onAbort = (): void => stop(signal.reason);
    const onClose = (): void => stop(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const deadline = setTimeout(
      () => stop(new Error(`no TLS within ${handshakeWithinMs / 1_000} s`)),
      handshakeWithinMs,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    secure.once('error', stop);
    secure.once('close', onClose);
    secure.once('secureConnect', () =>
      settle(() => {
        secure.off('error', stop).off('close', onClose);
        secure.on('error', () => undefined); // of a request, or between two: then it is opened anew
        resolve(secure);
      }),
    );
    if (signal.aborted) onAbort();
  });
}
