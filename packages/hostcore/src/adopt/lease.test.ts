import { expect, test } from 'vitest';
import type { Kernel } from '../domain/facts.js';
import { formatAddress, parseAddress } from '../domain/ip-address.js';
import {
  formatInterfaced,
  network,
  parseInterfaced,
  type Interfaced,
} from '../domain/ip-network.js';
import { survey, type Survey } from './survey.js';

function interfaced(text: string): Interfaced {
  const parsed = parseInterfaced(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

const leased = { ...interfaced('95.217.5.6/32'), scope: 'global', dynamic: true, duplicate: false };
const kernel: Kernel = {
  devices: [
    {
      ...{ name: 'eth0', mac: '96:00:01:02:03:04', kind: undefined, master: undefined, up: true },
      addresses: [leased],
    },
  ],
  routes: [
    {
      ...{ to: network('0.0.0.0/0'), via: parseAddress('172.31.1.1'), device: 'eth0' },
      ...{ kind: 'unicast', protocol: 'dhcp' },
    },
  ],
  ...{ proxied: new Set(), sysctls: new Map(), rules: undefined, listeners: [] },
  session: undefined,
};

function seen(lines: string, from: Kernel | undefined): Survey {
  const text = `network:
  ethernets:
    eth0:
      ${lines}
      routes: [{to: default, via: "fe80::1"}]
`;
  return survey(new Map([['/etc/netplan/50-cloud-init.yaml', text]]), from);
}

const byDhcp = 'dhcp4: true\n      addresses: ["2a02:8388:7:1::1/64"]';

test('an IPv4 address by DHCP is the one that the kernel has, and that is told', () => {
  const { concluded, unread } = seen(byDhcp, kernel);
  const { ipv4, gateway4 } = concluded ?? {};
  expect(ipv4 === undefined ? '' : formatInterfaced(ipv4)).toBe('95.217.5.6/32');
  expect(gateway4 === undefined ? '' : formatAddress(gateway4)).toBe('172.31.1.1');
  expect(unread).toContainEqual(
    expect.objectContaining({ text: 'eth0: 95.217.5.6/32', kept: true }),
  );
});

test('without a kernel to ask there is none; what a file says is not asked for', () => {
  expect(seen(byDhcp, undefined).concluded?.ipv4).toBeUndefined();
  const fixed = 'addresses: ["2a02:8388:7:1::1/64", 95.217.5.7/32]';
  const { concluded } = seen(fixed, kernel);
  expect(concluded?.ipv4 === undefined ? '' : formatInterfaced(concluded.ipv4)).toBe(
    '95.217.5.7/32',
  );
});
