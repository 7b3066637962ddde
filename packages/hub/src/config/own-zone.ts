import { plainAddress } from '@sixhub/acme-dns';
import type { OwnZone } from '../domain/own-zone.js';
import type { HubConfig } from './config.js';

/** The hub's own zone as hub.toml has it, names as the DNS compares them. */
export function ownZone({ acme_dns: zone }: Pick<HubConfig, 'acme_dns'>): OwnZone {
  const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');
  const domain = plain(zone.domain);
  const addresses = zone.addresses.map(plainAddress);
  return { domain, nameServer: plain(zone.name_server ?? domain), addresses };
}
