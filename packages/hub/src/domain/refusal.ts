/** A request that can't be granted: why, and what to do next. An everyday answer, not a defect. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;
  readonly code: string;
  readonly hint: string;
  /** Where it is worth asking again, when (RFC 9110 §10.2.3). */
  readonly retryAfterS: number | undefined;

  constructor(
    reason: RefusalReason,
    code: string,
    fact: string,
    hint: string,
    retryAfterS?: number,
  ) {
    super(fact);
    this.retryAfterS = retryAfterS;
    this.reason = reason;
    this.code = code;
    this.hint = hint;
  }
}

export type RefusalReason =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'unknown'
  | 'conflict'
  | 'too-large'
  | 'unsupported'
  | 'unprocessable'
  | 'too-many'
  | 'upstream'
  | 'unavailable'
  | 'internal';

export function noCertificate(name: string): Refusal {
  return new Refusal(
    'unknown',
    'no-certificate',
    `there is no certificate ${name}`,
    'See `hub list`; a new one is made by `hub issue DOMAIN`.',
  );
}

export function noAgent(name: string): Refusal {
  return new Refusal(
    'unknown',
    'no-agent',
    `there is no agent ${name}`,
    'See `hub agent list`; a new one is made by `hub agent add NAME`.',
  );
}
