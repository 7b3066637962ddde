import type { Vault } from '../ports.js';
import { createVault } from './vault.js';

/**
 * A vault of one master key, or of two while one takes the other's place: it seals by the first and opens by either.
 */
export class KeyRing implements Vault {
  #vaults: readonly Vault[];

  /** The one to seal by first. */
  constructor(masterKeys: readonly Uint8Array[]) {
    this.#vaults = masterKeys.map(createVault);
  }

  seal(row: string, secret: string): Uint8Array {
    return this.#first.seal(row, secret);
  }

  unseal(row: string, sealed: Uint8Array): string {
    let fault: unknown;
    for (const vault of this.#vaults) {
      try {
        return vault.unseal(row, sealed);
      } catch (error) {
        fault ??= error;
      }
    }
    throw fault;
  }

  /** From now on everything is sealed by this key. */
  lead(masterKey: Uint8Array): void {
    this.#vaults = [createVault(masterKey), ...this.#vaults];
  }

  /** Only the key that seals opens from now on. */
  drop(): void {
    this.#vaults = [this.#first];
  }

  /** Whether it is sealed by the key that seals now. */
  isCurrent(row: string, sealed: Uint8Array): boolean {
    try {
      this.#first.unseal(row, sealed);
      return true;
    } catch {
      return false;
    }
  }

  get #first(): Vault {
    const [first] = this.#vaults;
    if (first === undefined) throw new Error('a key ring has a key');
    return first;
  }
}
