/**
 * What can go wrong between us and an authority, as kinds that a planner can decide on: the error types of RFC 8555
 * §6.7 and RFC 9773 §7.4 one by one, what authorities' front ends answer without a type, and what we find ourselves.
 */
export type ProblemKind =
  // No answer of the authority's.
  /** No connection, no TLS, no answer in time, or an answer that is not ACME. */
  | 'unreachable'
  /** By the `Date` of its answers, this machine's clock is more than an hour off. */
  | 'wrong-clock'

  // The fault is on this side; the acme package itself throws neither.
  /** What hub.toml names for the authority can't be used. */
  | 'misconfigured'
  /** A defect, a full disk. */
  | 'internal'

  // It can't now.
  /** 5xx without a type: its front end, overloaded or in maintenance, or a limit per address (503). */
  | 'busy'
  /** `serverInternal`: the authority itself has trouble. */
  | 'server-internal'
  /** `rateLimited`, or 429: asked too often. `retryAfterMs` says when again. */
  | 'rate-limited'
  /** `rateLimited` for a name that failed so often that a person must un-pause it. */
  | 'paused'
  | 'order-not-ready'
  /** It has the order and is not done with it; the order stands. */
  | 'slow'
  | 'bad-nonce'

  // It did not find what it asked for when it validated.
  /** A CAA record forbids this authority (RFC 8659). */
  | 'caa'
  /** Its resolvers could not look up the challenge record. */
  | 'dns'
  /** It could not connect for validation. */
  | 'connection'
  /** It met a TLS error in validation. */
  | 'tls'
  /** The challenge record did not have the value. */
  | 'incorrect-response'

  // It does not want what was asked for.
  /** It will not issue for this name. */
  | 'rejected-identifier'
  /** It does not know this type of name. */
  | 'unsupported-identifier'
  | 'bad-csr'
  | 'bad-public-key'
  | 'bad-signature-algorithm'
  | 'invalid-profile'
  /** The certificate named in `replaces` was replaced before. */
  | 'already-replaced'
  | 'already-revoked'
  | 'bad-revocation-reason'
  /** Several reasons, one a name, that are not the same. */
  | 'compound'

  // It does not want us.
  /** The account may not do this. */
  | 'unauthorized'
  | 'account-unknown'
  /** By us; only a person makes a new one. */
  | 'account-deactivated'
  | 'external-account-required'
  | 'invalid-contact'
  | 'unsupported-contact'
  /** New terms of service to agree to, most often. */
  | 'user-action-required'

  // We do not understand each other.
  /** It issued something else than what was asked for. */
  | 'wrong-certificate'
  | 'malformed'
  | 'other';

const byType: Readonly<Record<string, ProblemKind>> = {
  accountDoesNotExist: 'account-unknown',
  alreadyReplaced: 'already-replaced',
  alreadyRevoked: 'already-revoked',
  badCSR: 'bad-csr',
  badNonce: 'bad-nonce',
  badPublicKey: 'bad-public-key',
  badRevocationReason: 'bad-revocation-reason',
  badSignatureAlgorithm: 'bad-signature-algorithm',
  caa: 'caa',
  compound: 'compound',
  connection: 'connection',
  dns: 'dns',
  externalAccountRequired: 'external-account-required',
  incorrectResponse: 'incorrect-response',
  invalidContact: 'invalid-contact',
  invalidProfile: 'invalid-profile',
  malformed: 'malformed',
  orderNotReady: 'order-not-ready',
  rateLimited: 'rate-limited',
  rejectedIdentifier: 'rejected-identifier',
  serverInternal: 'server-internal',
  tls: 'tls',
  unauthorized: 'unauthorized',
  unsupportedContact: 'unsupported-contact',
  unsupportedIdentifier: 'unsupported-identifier',
  userActionRequired: 'user-action-required',
};

const urnPrefix = 'urn:ietf:params:acme:error:';

/** No type of its own: Let's Encrypt says `rateLimited` and, in words, that somebody must un-pause the name. */
const pausedWords = /\b(?:paused|un-?pause|temporarily prevented)\b/i;

/** What an authority said, as far as it decides the kind. */
export interface Said {
  readonly type?: string | undefined;
  readonly detail?: string | undefined;
  /** Of the answer that said it; undefined inside another document. */
  readonly status?: number | undefined;
}

export function problemKind({ type, detail, status }: Said): ProblemKind {
  const word = type?.startsWith(urnPrefix) === true ? type.slice(urnPrefix.length) : '';
  const named = Object.hasOwn(byType, word) ? byType[word] : undefined;
  const kind = named ?? kindOfStatus(status);
  return kind === 'rate-limited' && pausedWords.test(detail ?? '') ? 'paused' : kind;
}

function kindOfStatus(status: number | undefined): ProblemKind {
  if (status === 429) return 'rate-limited';
  return status !== undefined && status >= 500 ? 'busy' : 'other';
}

/**
 * Inside a challenge, `unauthorized` is not about the account: it is Let's Encrypt's word for a record that does not
 * have the value (`incorrectResponse` in RFC 8555).
 */
export function challengeProblemKind(said: Said): ProblemKind {
  const kind = problemKind(said);
  return kind === 'unauthorized' ? 'incorrect-response' : kind;
}

/** RFC 8555 §6.7.1: reasons by name. Where they are all the same, that is what to decide by. */
export function compoundKind(kind: ProblemKind, parts: readonly ProblemKind[]): ProblemKind {
  const [first] = parts;
  if (kind !== 'compound' || first === undefined) return kind;
  return parts.every((part) => part === first) ? first : 'compound';
}
