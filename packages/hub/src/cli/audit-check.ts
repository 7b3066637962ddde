import { chainHash, type AuditLine } from '../store/audit-chain.js';

export interface Breach {
  readonly kind:
    /** The content does not give the hash. */
    | 'changed'
    /** A number is left out. */
    | 'missing'
    /** Lines that the log has are beyond the end. */
    | 'cut'
    /** The log has this number with another hash: it was written anew, with a chain that fits. */
    | 'other'
    | 'head';
  readonly seq: number;
}

/** Takes the lines in their order, and finds where the chain does not hold or differs from what is known of it. */
export class AuditCheck {
  readonly #breaches: Breach[] = [];
  /** Hashes by number, as a log has them; the log of a hub that went on after a cut has two for one. */
  readonly #logged = new Map<number, Set<string>>();
  readonly #heads = new Set<string>();
  #compared = 0;
  #lines = 0;
  #head = '';
  #seq = 0;

  expectHead(hash: string): void {
    this.#heads.add(hash.toLowerCase());
    this.#compared++;
  }

  /** A line of the hub's log; most are about something else. */
  expectLogged(text: string): void {
    const match = /"audit":\{"seq":(\d+),.*"hash":"([0-9a-f]{64})"\}/.exec(text);
    const seq = Number(match?.[1]);
    const hash = match?.[2];
    if (hash === undefined) return;
    this.#logged.set(seq, (this.#logged.get(seq) ?? new Set()).add(hash));
    this.#compared++;
  }

  take({ hash, ...content }: AuditLine): void {
    for (let seq = this.#seq + 1; seq < content.seq; seq++) this.#found('missing', seq);
    if (chainHash(this.#head, content) !== hash) this.#found('changed', content.seq);
    else if ([...(this.#logged.get(content.seq) ?? [])].some((logged) => logged !== hash)) {
      this.#found('other', content.seq);
    }
    this.#logged.delete(content.seq);
    this.#heads.delete(hash);
    this.#head = hash; // what follows is judged by what stands here, so that one change is one breach
    this.#seq = content.seq;
    this.#lines++;
  }

  end(): {
    readonly lines: number;
    readonly head: string;
    readonly breaches: readonly Breach[];
    /** With how much from elsewhere it was compared. */
    readonly compared: number;
  } {
    for (const seq of [...this.#logged.keys()].toSorted((one, other) => one - other)) {
      if (seq > this.#seq) this.#found('cut', seq);
    }
    if (this.#heads.size > 0) this.#found('head', this.#seq);
    return {
      lines: this.#lines,
      head: this.#head,
      breaches: this.#breaches,
      compared: this.#compared,
    };
  }

  #found(kind: Breach['kind'], seq: number): void {
    this.#breaches.push({ kind, seq });
  }
}
