import type { IncomingMessage } from 'node:http';
import type { Course } from './course.js';
import type { Jwk, SignedRequest } from './jws.js';
import type { Account } from './ledger.js';
import { Refused } from './refusal.js';

/** §6.1 and §6.2. */
export function checkHeaders({ headers }: IncomingMessage): void {
  if (headers['content-type'] !== 'application/jose+json') {
    throw new Refused(415, 'malformed', `what is ${headers['content-type']}?`);
  }
  if (headers['user-agent'] === undefined) {
    throw new Refused(400, 'malformed', 'a client says who it is');
  }
}

/** §6.2 to §6.5. */
export function authenticate(request: SignedRequest, url: string, course: Course): Account {
  const { origin, ledger } = course;
  const { keyId = '' } = request;
  if (!keyId.startsWith(`${origin}/account/`)) {
    throw new Refused(400, 'malformed', `${keyId} is no account here`);
  }
  const account = ledger.accounts[Number(keyId.split('/').at(-1))];
  if (account === undefined) throw new Refused(400, 'accountDoesNotExist', 'no such account');
  checkSignature(request, account.key, url, course);
  if (account.status !== 'valid')
    throw new Refused(401, 'unauthorized', 'the account is deactivated');
  return account;
}

export function checkSignature(
  request: SignedRequest,
  key: Jwk,
  url: string,
  { ledger, conduct, random }: Course,
): void {
  if (!request.isSignedBy(key)) throw new Refused(400, 'malformed', 'the signature is wrong');
  if (!ledger.spend(request.nonce) || random() * 100 < conduct.rejectNonces) {
    throw new Refused(400, 'badNonce', 'use another nonce');
  }
  // §6.4
  if (request.url !== url) throw new Refused(401, 'unauthorized', 'signed for another URL');
}
