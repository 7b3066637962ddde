/**
 * Nonces that came with earlier answers: RFC 8555 §6.5 allows every one of them for the next request, so that none has
 * to be asked for first. The newest is used first; one that is too old is not tried, since it would most likely be
 * refused.
 */
export class Nonces {
  readonly #now: () => Date;
  #kept: { readonly nonce: string; readonly at: number }[] = [];

  constructor(now: () => Date) {
    this.#now = now;
  }

  take(): string | undefined {
    const newest = this.#kept.pop();
    if (newest === undefined) return undefined;
    if (Math.abs(this.#now().getTime() - newest.at) < freshMs) return newest.nonce;
    this.#kept = []; // the others are older still
    return undefined;
  }

  keep(nonce: string | undefined): void {
    if (nonce === undefined || !isNonce.test(nonce)) return;
    this.#kept.push({ nonce, at: this.#now().getTime() });
    if (this.#kept.length > most) this.#kept.shift();
  }
}

const freshMs = 300_000;
const most = 64;
/** §6.5.1: base64url; a client must ignore any other. */
const isNonce = /^[A-Za-z0-9_-]+$/;
