/** What the authority answers instead: an RFC 8555 §6.7 problem, or the bare page of a front end. */
export class Refused extends Error {
  readonly status: number;
  readonly type: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, type: string | undefined, detail: string, retryAfterMs?: number) {
    super(detail);
    this.status = status;
    this.type = type;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The connection ends without an answer. */
export class Dead extends Error {}
