import { expect, test } from 'vitest';
import { hostOf } from '../../testing/sample-host.js';
import type { DeviceFact } from '../facts.js';
import type { KernelChange } from '../plan/kernel-change.js';
import { keptDevices } from './kept-devices.js';

const host = hostOf(`[host.merlin]
release = "debian12"
uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}
ipv6 = {network = "2a01:4f8:1:3::/64", address = "2a01:4f8:1:3::17"}
`);
const own = ['eno1', 'br0', 'nat64'];

const change = (kind: KernelChange['kind'], device: string): KernelChange => ({
  ...{ kind, action: 'set', device, subject: device, why: '', command: '' },
});

function kernelOf(devices: readonly Pick<DeviceFact, 'name' | 'kind' | 'master'>[]) {
  return {
    ...{ devices: devices.map((one) => ({ ...one, mac: undefined, up: true, addresses: [] })) },
    ...{ routes: [], sysctls: new Map(), proxied: new Set<string>() },
    ...{ listeners: [], session: undefined, rules: undefined },
  };
}

test("of a VM that moves its bridge is kept, and not its tap, whose name another VM's may be later", () => {
  const kernel = kernelOf([
    { name: 'vmbr0', kind: 'bridge', master: undefined },
    { name: 'vnet0', kind: 'tun', master: 'vmbr0' },
    { name: 'eno1', kind: undefined, master: 'vmbr0' },
  ]);
  const changes = [change('link', 'eno1'), change('link', 'vnet0')];
  expect(keptDevices(host, { kernel: changes }, { kernel })).toEqual([...own, 'vmbr0']);
  const [card] = changes;
  if (card === undefined) throw new Error('no change');
  expect(keptDevices(host, { kernel: [card] }, { kernel })).toEqual([...own, 'vmbr0']);
});

test('a bridge that loses nothing but a route is kept: it comes back with it', () => {
  const kernel = kernelOf([{ name: 'vmbr0', kind: 'bridge', master: undefined }]);
  expect(keptDevices(host, { kernel: [change('route', 'vmbr0')] }, { kernel })).toContain('vmbr0');
  expect(keptDevices(host, { kernel: [change('sysctl', 'lo')] }, { kernel })).toEqual(own);
});
