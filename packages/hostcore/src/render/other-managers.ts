import type { Host } from '../domain/host.js';
import { layout } from '../domain/layout.js';
import { text, type Part } from './part.js';

/** What else would configure these devices, told not to: of those that are there. */
export function otherManagerFiles(host: Host): readonly Part[] {
  return [networkManager(host), cloudInit()];
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

/**
 * Its datasource writes /etc/netplan/50-cloud-init.yaml, or ifupdown's file, at each boot or at that of a new instance: beside
 * ours, where it was set aside. The rest of cloud-init (keys, hostname, disks) goes on.
 */
function cloudInit(): Part {
  return {
    path: '/etc/cloud/cloud.cfg.d/99-sixhub-network.cfg',
    purpose: 'cloud-init, where it is installed, writes no network configuration any more.',
    body: text(['network: {config: disabled}']),
    taker: { kind: 'none' },
    beside: '/etc/cloud/cloud.cfg',
  };
}
