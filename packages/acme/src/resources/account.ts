import type { Exchange, Reply } from '../http/exchange.js';
import { macKey, signingKey, signJws, type SigningKey } from '../jose/jws.js';
import { byAccount, byKey } from './signer.js';

/** RFC 8555 §7.3.4: what an authority gave out for the account to be bound to. */
export interface ExternalAccount {
  readonly keyId: string;
  /** base64url. */
  readonly hmacKey: string;
}

/** Who asks: a key, and the URL of its account once that is known. */
export class Account {
  #key: SigningKey;
  #url: string | undefined;

  constructor(keyPem: string, url: string | undefined) {
    this.#key = signingKey(keyPem);
    this.#url = url;
  }

  get key(): SigningKey {
    return this.#key;
  }

  get url(): string {
    if (this.#url === undefined) throw new Error('this session has no account; register one first');
    return this.#url;
  }

  /** §7.3: finds the key's account or makes one. Its URL is the answer's Location. */
  async register(
    exchange: Exchange,
    newAccount: string,
    contact: readonly string[],
    external: ExternalAccount | undefined,
  ): Promise<string> {
    const payload = {
      termsOfServiceAgreed: true,
      contact,
      ...(external === undefined
        ? {}
        : { externalAccountBinding: this.#binding(external, newAccount) }),
    };
    const { location } = await exchange.post(newAccount, byKey(this.#key, payload));
    if (location === undefined)
      throw exchange.malformed('it made an account and did not say where (RFC 8555 §7.3)');
    this.#url = location;
    return location;
  }

  /** §7.3.4: our public key, signed with the MAC key; no nonce. */
  #binding({ keyId, hmacKey }: ExternalAccount, newAccount: string): object {
    return signJws(macKey(hmacKey), { kid: keyId, url: newAccount }, this.#key.jwk);
  }

  /** §7.3.2 and §7.3.6: changes the account object; without a payload it is only read. */
  async update(exchange: Exchange, payload: object | undefined): Promise<void> {
    await this.post(exchange, this.url, payload);
  }

  /**
   * §7.3.5: the new key signs that it takes the old one's place, and the old one signs that. From the answer on the
   * account has the new key.
   */
  async changeKey(exchange: Exchange, keyChange: string, newKeyPem: string): Promise<void> {
    const next = signingKey(newKeyPem);
    const inner = signJws(
      next,
      { jwk: next.jwk, url: keyChange },
      { account: this.url, oldKey: this.#key.jwk },
    );
    await this.post(exchange, keyChange, inner);
    this.#key = next;
  }

  /** A request of the account; without a payload, POST-as-GET (§6.3). */
  post(
    exchange: Exchange,
    url: string,
    payload: object | undefined,
    accept?: string,
  ): Promise<Reply> {
    return exchange.post(url, byAccount(this.#key, this.url, payload), accept);
  }
}
