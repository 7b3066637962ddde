/** One name's share of a compound problem (RFC 8555 §6.7.1). */
export interface SubRefusal {
  readonly name: string;
  readonly type: string;
  readonly detail: string;
}

interface More {
  readonly retryAfterMs?: number | undefined;
  readonly subproblems?: readonly SubRefusal[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What the authority answers instead: an RFC 8555 §6.7 problem, or the bare page of a front end. */
export class Refused extends Error {
  readonly status: number;
  readonly type: string | undefined;
  readonly more: More;

  constructor(status: number, type: string | undefined, detail: string, more: More = {}) {
    super(detail);
    this.status = status;
    this.type = type;
    this.more = more;
  }
}

/** The connection ends without an answer. */
export class Dead extends Error {}

const prefix = 'urn:ietf:params:acme:error:';

/** A problem document, RFC 8555 §6.7 and §6.7.1. */
export function problemDocument(
  type: string,
  detail: string,
  subproblems: readonly SubRefusal[] = [],
): Readonly<Record<string, unknown>> {
  return {
    type: `${prefix}${type}`,
    detail,
    ...(subproblems.length === 0
      ? {}
      : {
          subproblems: subproblems.map((one) => ({
            type: `${prefix}${one.type}`,
            detail: one.detail,
            identifier: { type: 'dns', value: one.name },
          })),
        }),
  };
}
