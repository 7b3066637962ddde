import { createHash } from 'node:crypto';
import {
  authorizationDocument,
  type Authorization,
  type Challenge,
  type Order,
} from '../http/documents.js';
import type { Exchange } from '../http/exchange.js';
import { thumbprint } from '../jose/jwk.js';
import type { Account } from './account.js';

/** RFC 8555 §7.5, one for each name of the order. */
export function readAuthorizations(
  exchange: Exchange,
  account: Account,
  order: Order,
): Promise<readonly Authorization[]> {
  return Promise.all(
    order.authorizations.map(async (url) =>
      exchange.parse(authorizationDocument, await account.post(exchange, url, undefined), { url }),
    ),
  );
}

/** §8.4: the digest of the key authorization (§8.1). */
export function challengeValue(account: Account, { token = '' }: Challenge): string {
  const keyAuthorization = `${token}.${thumbprint(account.key.jwk)}`;
  return createHash('sha256').update(keyAuthorization).digest('base64url');
}

/** §7.5.1: an empty object, which asks for validation. Returns when the authority wants to be asked what came of it. */
export async function respond(
  exchange: Exchange,
  account: Account,
  challenge: Challenge,
): Promise<number | undefined> {
  const { retryAfterMs } = await account.post(exchange, challenge.url, {});
  return retryAfterMs;
}
