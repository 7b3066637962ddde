import { expect, test } from 'vitest';
import { challengeProblemKind, compoundKind, problemKind } from './problem-kind.js';

const urn = 'urn:ietf:params:acme:error:';

test.each([
  ['accountDoesNotExist', 'account-unknown'],
  ['alreadyReplaced', 'already-replaced'],
  ['alreadyRevoked', 'already-revoked'],
  ['badCSR', 'bad-csr'],
  ['badNonce', 'bad-nonce'],
  ['badPublicKey', 'bad-public-key'],
  ['badRevocationReason', 'bad-revocation-reason'],
  ['badSignatureAlgorithm', 'bad-signature-algorithm'],
  ['caa', 'caa'],
  ['compound', 'compound'],
  ['connection', 'connection'],
  ['dns', 'dns'],
  ['externalAccountRequired', 'external-account-required'],
  ['incorrectResponse', 'incorrect-response'],
  ['invalidContact', 'invalid-contact'],
  ['invalidProfile', 'invalid-profile'],
  ['malformed', 'malformed'],
  ['orderNotReady', 'order-not-ready'],
  ['rateLimited', 'rate-limited'],
  ['rejectedIdentifier', 'rejected-identifier'],
  ['serverInternal', 'server-internal'],
  ['tls', 'tls'],
  ['unauthorized', 'unauthorized'],
  ['unsupportedContact', 'unsupported-contact'],
  ['unsupportedIdentifier', 'unsupported-identifier'],
  ['userActionRequired', 'user-action-required'],
] as const)('%s of the RFCs is %s, whatever the status', (type, kind) => {
  expect(problemKind({ type: urn + type, status: 503 })).toBe(kind);
});

test.each([
  [{ status: 503 }, 'busy'],
  [{ status: 502, type: 'about:blank' }, 'busy'],
  [{ status: 429 }, 'rate-limited'],
  [{ status: 404 }, 'other'],
  [{ type: `${urn}newerThanThis`, status: 400 }, 'other'],
  [{ type: 'urn:example:caa', status: 403 }, 'other'],
  [{ type: `${urn}toString`, status: 400 }, 'other'],
] as const)('%o is %s', (said, kind) => {
  expect(problemKind(said)).toBe(kind);
});

test.each([
  ['Your account is temporarily prevented from requesting certificates for example.org', 'paused'],
  ['example.org is paused; un-pause it at /sfe', 'paused'],
  ['too many new orders', 'rate-limited'],
])('rateLimited: %s: %s', (detail, kind) => {
  expect(problemKind({ type: `${urn}rateLimited`, detail, status: 429 })).toBe(kind);
});

test('unauthorized is about the record inside a challenge, and about the account elsewhere', () => {
  const said = { type: `${urn}unauthorized` };
  expect(challengeProblemKind(said)).toBe('incorrect-response');
  expect(challengeProblemKind({ type: `${urn}caa` })).toBe('caa');
  expect(problemKind({ ...said, status: 403 })).toBe('unauthorized');
});

test('a compound of one reason is that reason', () => {
  expect(compoundKind('compound', ['caa', 'caa'])).toBe('caa');
  expect(compoundKind('compound', ['caa', 'dns'])).toBe('compound');
  expect(compoundKind('compound', [])).toBe('compound');
  expect(compoundKind('malformed', ['caa'])).toBe('malformed');
});
