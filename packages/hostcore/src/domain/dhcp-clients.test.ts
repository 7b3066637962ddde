import { expect, test } from 'vitest';
import { hostOf } from '../testing/sample-host.js';
import type { DhcpClient } from './dhcp-client.js';
import { clientsBack, clientsHere, endCommand, startWords } from './dhcp-clients.js';
import type { DeviceFact, Facts } from './facts.js';
import { parseInterfaced } from './ip-network.js';
import { planKernel } from './plan/kernel.js';
import { planServices } from './plan/services.js';

const words = '/sbin/dhclient -4 -v -i -pf /run/dhclient.eno1.pid -lf /var/lib/dhcp/eno1 -I eno1';
const ofIfupdown: DhcpClient = {
  ...{ program: 'dhclient', pid: 812, words: words.split(' ') },
  service: 'networking.service',
};

const device = (name: string, more: Partial<DeviceFact> = {}): DeviceFact => ({
  ...{ name, mac: undefined, kind: undefined, master: undefined, up: true, addresses: [] },
  ...more,
});

function factsWith(dhcpClients: readonly DhcpClient[], card: Partial<DeviceFact> = {}): Facts {
  return {
    ...{ release: undefined, hostname: undefined, packages: undefined, files: new Map() },
    dhcpClients,
    kernel: {
      devices: [device('eno1', card), device('eno2')],
      ...{ routes: [], proxied: new Set(), sysctls: new Map(), rules: undefined, listeners: [] },
      session: undefined,
    },
  };
}

test("ifupdown's dhclient ends when networkd has the address, by no script of its own", () => {
  expect(planServices(hostOf(), [], [], factsWith([ofIfupdown]))).toMatchObject([
    {
      command: "sh -c 'if grep -qsx dhclient /proc/812/comm; then kill -KILL 812; fi'",
      fault: { is: 'not off' },
    },
  ]);
  const elsewhere = { ...ofIfupdown, words: ['dhclient', 'eno2'] };
  expect(planServices(hostOf(), [], [], factsWith([elsewhere]))).toEqual([]);
});

test.each<[string, Partial<DhcpClient>, string]>([
  ['of another program', { program: 'dhcpcd', words: ['dhcpcd: eno1 [ip4]'] }, 'not dhcpcd'],
  ['of all devices', { words: ['dhclient'] }, 'it names no device'],
  ["of another's device as well", { words: ['dhclient', 'eno1', 'eno2'] }, 'it has eno2 as well'],
  ['whose service starts it again', { service: 'NetworkManager.service' }, 'may start it again'],
])('a client %s is left alone, and told', (_, more, kept) => {
  const facts = factsWith([{ ...ofIfupdown, ...more }]);
  const [found] = clientsHere(hostOf(), facts);
  expect(found?.kept).toContain(kept);
  expect(found?.devices).toEqual(['eno1']);
  expect(planServices(hostOf(), [], [], facts)).toEqual([]);
});

test('a leased address that is to stay loses its end, also where it is the same to the bit', () => {
  const address = parseInterfaced('45.67.90.10/32');
  if (address === undefined) throw new Error('an address');
  const leased = { ...address, scope: 'global', dynamic: true, duplicate: false };
  const first = planKernel(hostOf(), factsWith([], { addresses: [leased] })).find(
    ({ kind, address: one }) => kind === 'address' && one?.family === 4,
  );
  expect(first).toMatchObject({
    action: 'set',
    command: 'ip address change 45.67.90.10/32 dev eno1 valid_lft forever preferred_lft forever',
  });
});

test('the way back ends what came and starts what went, in the background', () => {
  const again = { ...ofIfupdown, pid: 977, words: startWords(ofIfupdown) };
  const other = { ...ofIfupdown, pid: 5, words: ['dhclient', '-d', '-1', 'eno1'] };
  expect(startWords(other)).toEqual(['dhclient', '-nw', 'eno1']);
  expect(clientsBack([ofIfupdown], [])).toEqual({ ended: [], started: [ofIfupdown] });
  expect(clientsBack([ofIfupdown], [again])).toEqual({ ended: [], started: [] });
  expect(clientsBack([], [other])).toEqual({ ended: [other], started: [] });
  expect(clientsBack(undefined, [other])).toEqual({ ended: [], started: [] });
  expect(endCommand(other)).toContain('/proc/5/comm');
});
