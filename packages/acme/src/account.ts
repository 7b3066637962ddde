import type acme from 'acme-client';
import { revocationReasons, type RevocationReason } from './domain/revocation.js';

/** What an account does about itself and about what it was given. */
export interface AccountActions {
  /** RFC 8555 §7.3: finds the key's account or makes one, agreeing to the terms. Returns its URL. */
  register(contact: readonly string[]): Promise<string>;
  /** §7.3.2, as POST-as-GET: whether the authority knows the account by this key. */
  lookUp(): Promise<void>;
  /** §7.3.2. */
  updateContact(contact: readonly string[]): Promise<void>;
  /** §7.3.5: from now on the account has this key, PKCS#8 PEM, and the session signs with it. */
  changeKey(newKeyPem: string): Promise<void>;
  /** §7.3.6: for good; nobody can use the account after this. */
  deactivate(): Promise<void>;
  /** §7.6, signed by the account that ordered it. */
  revoke(certificatePem: string, reason: RevocationReason): Promise<void>;
}

export function accountActions(
  client: acme.Client,
  ask: <T>(work: () => Promise<T>) => Promise<T>,
): AccountActions {
  const change = (work: () => Promise<unknown>): Promise<void> =>
    ask(async () => {
      await work();
    });
  return {
    register: (contact) =>
      ask(async () => {
        await client.createAccount({ termsOfServiceAgreed: true, contact: [...contact] });
        return client.getAccountUrl();
      }),
    lookUp: () => change(() => client.updateAccount({})),
    updateContact: (contact) => change(() => client.updateAccount({ contact: [...contact] })),
    changeKey: (newKeyPem) => change(() => client.updateAccountKey(newKeyPem)),
    deactivate: () => change(() => client.updateAccount({ status: 'deactivated' })),
    revoke: (certificatePem, reason) =>
      change(() => client.revokeCertificate(certificatePem, { reason: revocationReasons[reason] })),
  };
}
