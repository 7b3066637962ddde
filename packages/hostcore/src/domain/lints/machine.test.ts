import { expect, test } from 'vitest';
import type { DeviceFact, Kernel } from '../facts.js';
import { lint } from '../lint.js';
import { machineLints } from './machine.js';
import { hostOf } from '../../testing/sample-host.js';

function device(name: string, mac?: string): DeviceFact {
  return { name, mac, kind: undefined, master: undefined, up: true, addresses: [] };
}

test('a missing device is not taken for lo, which has no MAC address either', () => {
  const toml =
    '[host.merlin]\nrelease = "debian12"\nuplink.device = "eno1"\nipv6.network = "2a01:4f8:1:3::/64"\n';
  const host = hostOf(toml);
  const kernel: Kernel = {
    devices: [device('lo'), device('enp2s0', '00:24:21:21:ac:99')],
    ...{ routes: [], proxied: new Set(), sysctls: new Map(), rules: undefined, listeners: [] },
    session: undefined,
  };
  const nothing = { release: undefined, hostname: undefined, packages: undefined };
  const found = lint(machineLints, host, { ...nothing, kernel, files: new Map() });
  expect(found.find(({ id }) => id === 'device-missing')).toMatchObject({
    fact: 'there is no device eno1',
    remedy: 'Write: device = "enp2s0"',
  });
});
