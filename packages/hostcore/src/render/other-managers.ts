import type { Host } from '../domain/host.js';
import { layout } from '../domain/layout.js';
import { text, type Part } from './part.js';

/** What else would configure these devices, told not to: of those that are there. */
export function otherManagerFiles(host: Host): readonly Part[] {
  return [networkManager(host)];
}

/**
 * A card that no connection is for gets one that NetworkManager makes by itself ("Wired connection 1", by DHCP). `+=`
 * (NetworkManager.conf(5)) leaves what others have in their lists.
 */
function networkManager(host: Host): Part {
  const devices = layout(host).map(({ device }) => `interface-name:${device}`);
  return {
    path: '/etc/NetworkManager/conf.d/90-sixhub.conf',
    purpose: 'NetworkManager, where it is installed, leaves these devices alone.',
    body: text(['[keyfile]', `unmanaged-devices+=${devices.join(';')}`]),
    taker: { kind: 'none' },
    beside: '/etc/NetworkManager/NetworkManager.conf',
  };
}
