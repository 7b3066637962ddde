import { errorText } from '@sixhub/base';
import type { HubCa } from '../ca/hub-ca.js';
import type { Log } from '../ports.js';

/** Finishes a change of the hub's CA once every agent has the new one. */
export class CaWatch {
  readonly #ca: HubCa;
  readonly #log: Log;

  constructor(ca: HubCa, log: Log) {
    this.#ca = ca;
    this.#log = log;
  }

  async tick(): Promise<void> {
    try {
      await this.#ca.tick();
    } catch (error) {
      this.#log.error({ error: errorText(error) }, "the change of the hub's CA could not go on");
    }
  }

  /** A tick is a few statements, so nothing is left to wait for. */
  stop(): Promise<void> {
    return Promise.resolve();
  }
}
