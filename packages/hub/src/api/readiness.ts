import { readFile } from 'node:fs/promises';
import { ask, recordType } from '@sixhub/acme-dns';
import { errorText, type Clock } from '@sixhub/base';
import type { Store } from '../store/store.js';

/** What a hub cannot do its work without, looked at as it is used. */
export interface Check {
  readonly name: 'store' | 'dns' | 'authorities';
  readonly ok: boolean;
  /** What is wrong, and what to do; empty where nothing is. */
  readonly detail: string;
}

export interface ReadinessContext {
  readonly store: Store;
  readonly clock: Clock;
  /** The zone, asked at each of these. */
  readonly zone: string;
  readonly listen: readonly { readonly address: string; readonly port: number }[];
  readonly authorities: readonly {
    readonly name: string;
    readonly trust?: string | undefined;
    readonly eab_hmac_key_file?: string | undefined;
  }[];
}

const dnsPatienceMs = 2_000;
/** Monitors that ask in the same second share one look. */
const believedMs = 1_000;

export class Readiness {
  readonly #context: ReadinessContext;
  #last: { readonly at: number; readonly checks: Promise<readonly Check[]> } | undefined;

  constructor(context: ReadinessContext) {
    this.#context = context;
  }

  checks(): Promise<readonly Check[]> {
    const at = this.#context.clock.now().getTime();
    if (this.#last === undefined || Math.abs(at - this.#last.at) >= believedMs) {
      this.#last = { at, checks: this.#look() };
    }
    return this.#last.checks;
  }

  async #look(): Promise<readonly Check[]> {
    const one = async (name: Check['name'], look: () => Promise<string>): Promise<Check> => {
      const detail = await look().catch((error: unknown) => errorText(error));
      return { name, ok: detail === '', detail };
    };
    return Promise.all([
      one('store', () => this.#store()),
      one('dns', () => this.#dns()),
      one('authorities', () => this.#authorities()),
    ]);
  }

  async #store(): Promise<string> {
    await this.#context.store.events.bounds();
    return '';
  }

  /** An SOA record of our zone from each of our sockets: only then can an authority validate. */
  async #dns(): Promise<string> {
    const { zone, listen } = this.#context;
    for (const { address, port } of listen) {
      const options = { transport: 'udp', withinMs: dnsPatienceMs } as const;
      const answer = await ask({ address, port }, zone, recordType.SOA, options);
      if (answer.kind !== 'answered') return `[${address}]:${port} does not answer for ${zone}`;
    }
    return '';
  }

  /** The files that hub.toml names, which somebody may have moved since the start. */
  async #authorities(): Promise<string> {
    for (const { name, trust, eab_hmac_key_file: key } of this.#context.authorities) {
      for (const file of [trust, key]) {
        if (file === undefined) continue;
        const text = await readFile(file, 'utf8');
        if (text.trim() === '') return `the file ${file} of the authority ${name} is empty`;
      }
    }
    return '';
  }
}
