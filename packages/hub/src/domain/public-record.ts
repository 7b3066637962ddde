import type { OwnZone } from './own-zone.js';

/** A record that should exist in the DNS for the hub to work, in somebody's zone. */
export interface PublicRecord {
  readonly name: string;
  readonly type: 'NS' | 'A' | 'AAAA' | 'CNAME' | 'TXT';
  readonly value: string;
  /** What it is for, in few words. */
  readonly purpose: string;
}

/** The two or three that lead the world to the hub's own zone; they never change. */
export function zoneRecords({ domain, nameServer, addresses }: OwnZone): readonly PublicRecord[] {
  return [
    { name: domain, type: 'NS', value: nameServer, purpose: "leads to the hub's own zone" },
    ...addresses.map((address): PublicRecord => ({
      name: nameServer,
      type: address.includes(':') ? 'AAAA' : 'A',
      value: address,
      purpose: "where the hub's name server is",
    })),
  ];
}

export function delegationRecord(domain: string, target: string): PublicRecord {
  return {
    name: `_acme-challenge.${domain}`,
    type: 'CNAME',
    value: target,
    purpose: `certificates for ${domain}`,
  };
}
