import { signJws, type SigningKey } from '../jose/jws.js';
import type { Sign } from '../http/exchange.js';

/** RFC 8555 §6.2: a request names its key by the account's URL. */
export function byAccount(key: SigningKey, accountUrl: string, payload: object | undefined): Sign {
  return ({ nonce, url }) => signJws(key, { kid: accountUrl, nonce, url }, payload);
}

/** §6.2: where there is no account yet (newAccount), or none any more (revokeCert by the certificate's key). */
export function byKey(key: SigningKey, payload: object): Sign {
  return ({ nonce, url }) => signJws(key, { jwk: key.jwk, nonce, url }, payload);
}
