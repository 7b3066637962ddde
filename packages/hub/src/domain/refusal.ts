/** A request that can't be granted: why, and what to do next. An everyday answer, not a defect. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;
  readonly code: string;
  readonly hint: string;

  constructor(reason: RefusalReason, code: string, fact: string, hint: string) {
    super(fact);
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
  | 'too-many'
  | 'upstream'
  | 'internal';

export function noCertificate(name: string): Refusal {
  return new Refusal(
    'unknown',
    'no-certificate',
    `there is no certificate ${name}`,
    'See `hub list`; a new one is made by `hub issue DOMAIN`.',
  );
}
