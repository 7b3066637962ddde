import { z } from 'zod';
import type { Asked, Course, Reply } from './course.js';
import { readJwk, readSigned, thumbprint, type Jwk, type SignedRequest } from './jws.js';
import type { Account } from './ledger.js';
import { Refused } from './refusal.js';
import { accountUrl, showAccount } from './shown.js';

const contacts = z.array(z.string());

const newAccount = z.object({
  contact: contacts.default([]),
  termsOfServiceAgreed: z.boolean().default(false),
  onlyReturnExisting: z.boolean().default(false),
  externalAccountBinding: z.unknown().optional(),
});

const change = z.object({
  contact: contacts.optional(),
  status: z.literal('deactivated').optional(),
});

/** §7.3: the key's account (§7.3.1), or a new one. */
export function register(request: SignedRequest, key: Jwk, course: Course): Reply {
  const { ledger, origin } = course;
  const wish = newAccount.parse(request.payload);
  const known = ledger.accountOf(key);
  if (known?.status === 'deactivated') {
    throw new Refused(401, 'unauthorized', "this key's account is deactivated");
  }
  if (known !== undefined) return showAccount(known, course, 200);
  if (wish.onlyReturnExisting) {
    throw new Refused(400, 'accountDoesNotExist', 'no account has this key');
  }
  if (!wish.termsOfServiceAgreed) {
    const headers = { Link: `<${origin}/terms>;rel="terms-of-service"` };
    throw new Refused(403, 'userActionRequired', 'the terms must be agreed to', { headers });
  }
  checkContact(wish.contact);
  const binding = bound(wish.externalAccountBinding, request, key, course);
  const account: Account = {
    id: ledger.accounts.length,
    key,
    formerKeys: [],
    status: 'valid',
    contact: wish.contact,
    binding,
  };
  ledger.accounts.push(account);
  return showAccount(account, course, 201);
}

/** §7.3. */
function checkContact(contact: readonly string[]): void {
  for (const one of contact) {
    if (!one.startsWith('mailto:')) {
      throw new Refused(400, 'unsupportedContact', `${one} can not be reached from here`);
    }
    if (!/^mailto:[^\s@,?]+@[^\s@,?]+$/.test(one)) {
      throw new Refused(400, 'invalidContact', `${one} is no address`);
    }
  }
}

/** §7.3.4: checked in the order of that clause. */
function bound(
  binding: unknown,
  { url }: SignedRequest,
  key: Jwk,
  { rules: { externalAccounts } }: Course,
): unknown {
  if (binding === undefined && externalAccounts !== undefined) {
    throw new Refused(
      403,
      'externalAccountRequired',
      'an account must be bound to an external one',
    );
  }
  if (binding === undefined || externalAccounts === undefined) return undefined;
  const inner = readSigned(binding);
  if (inner.algorithm !== 'HS256' || inner.nonce !== undefined || inner.url !== url) {
    throw new Refused(400, 'malformed', 'the external account binding is not what §7.3.4 says');
  }
  const macKey = externalAccounts[inner.keyId ?? ''];
  if (macKey === undefined) throw new Refused(403, 'unauthorized', 'there is no such MAC key');
  if (!inner.isAuthenticatedBy(macKey)) {
    throw new Refused(403, 'unauthorized', 'the external account binding has another MAC');
  }
  if (thumbprint(readJwk(inner.payload)) !== thumbprint(key)) {
    throw new Refused(400, 'badPublicKey', 'the external account binding is for another key');
  }
  return binding;
}

/** §7.3.2 and §7.3.6. */
export function updateAccount({ id, account, request, course }: Asked): Reply {
  if (id !== String(account.id)) throw new Refused(403, 'unauthorized', 'not this account');
  if (request.payload !== undefined) {
    const wish = change.parse(request.payload);
    checkContact(wish.contact ?? []);
    account.contact = wish.contact ?? account.contact;
    account.status = wish.status ?? account.status;
  }
  return showAccount(account, course, 200);
}

const keyChange = z.object({ account: z.string(), oldKey: z.unknown() });

/** §7.3.5, its checks in their order. */
export function changeKey({ account, request, course }: Asked): Reply {
  const inner = readSigned(request.payload);
  const { key } = inner;
  if (key === undefined || !inner.isSignedBy(key)) {
    throw new Refused(400, 'malformed', 'the new key has not signed the inner JWS');
  }
  const wish = keyChange.parse(inner.payload);
  if (inner.nonce !== undefined) {
    throw new Refused(400, 'malformed', 'the inner JWS has a nonce');
  }
  if (inner.url !== request.url) {
    throw new Refused(400, 'malformed', 'the inner JWS is for another URL');
  }
  if (wish.account !== accountUrl(account, course)) {
    throw new Refused(400, 'malformed', 'the inner JWS is about another account');
  }
  if (thumbprint(readJwk(wish.oldKey)) !== thumbprint(account.key)) {
    throw new Refused(400, 'malformed', 'the inner JWS names another old key');
  }
  if (thumbprint(key) === thumbprint(account.key)) {
    throw new Refused(400, 'malformed', 'the new key is the old one');
  }
  const holder = course.ledger.accountOf(key);
  if (holder !== undefined) {
    const headers = { Location: accountUrl(holder, course) };
    throw new Refused(409, 'malformed', "the new key is another account's", { headers });
  }
  account.formerKeys.unshift(thumbprint(account.key));
  account.key = key;
  return showAccount(account, course, 200);
}
