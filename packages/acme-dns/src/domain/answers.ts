import type { Block } from './block.js';
import type { DomainName } from './domain-name.js';
import { NameTable } from './name-table.js';
import { packTexts, type PackedTexts } from './packed-texts.js';
import { relativeKey, type Zone } from './zone.js';

/** Everything that can be asked for at one moment: the configured zone, and the accounts with their values. */
export class Answers {
  zone: Zone;
  serial: number;
  soa: Block;
  /** Values by account; a registered name without a value is there and empty, so it is never denied. */
  private readonly accounts = new NameTable<PackedTexts>();

  constructor(zone: Zone, serial: number) {
    this.zone = zone;
    this.serial = serial;
    this.soa = zone.soa(serial);
  }

  get accountCount(): number {
    return this.accounts.size;
  }

  replaceZone(zone: Zone, serial: number): void {
    this.zone = zone;
    this.setSerial(serial);
  }

  setSerial(serial: number): void {
    this.serial = serial;
    this.soa = this.zone.soa(serial);
  }

  setAccount(subdomain: string, values: readonly string[]): void {
    this.accounts.set(accountKey(subdomain), packTexts(values));
  }

  removeAccount(subdomain: string): void {
    this.accounts.delete(accountKey(subdomain));
  }

  /** By the octets before the zone's own part of a query name. */
  findAccount(bytes: Uint8Array, from: number, to: number, hash: number): PackedTexts | undefined {
    return this.accounts.find(bytes, from, to, hash);
  }

  accountAt(name: DomainName): PackedTexts | undefined {
    const key = relativeKey(name, this.zone.apex);
    return this.accounts.find(key, 0, key.length);
  }
}

/** Subdomains are one label of letters, digits and hyphens: ASCII, and 63 at most. */
function accountKey(subdomain: string): Uint8Array {
  const bytes = new Uint8Array(subdomain.length + 1);
  bytes[0] = subdomain.length;
  for (let at = 0; at < subdomain.length; at++) bytes[at + 1] = subdomain.charCodeAt(at);
  return bytes;
}
