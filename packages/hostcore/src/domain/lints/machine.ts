import { dns64Unit, neededPackages } from '../packages.js';
import type { DeviceFact } from '../facts.js';
import type { Lint } from '../lint.js';
import { formatAddress } from '../ip-address.js';
import { managerLints } from './managers.js';
import { software } from '../software.js';

/** What the machine is like beside what host.toml says of it. */
export const machineLints: readonly Lint[] = [
  {
    id: 'device-missing',
    needs: ['kernel'],
    severity: 'error',
    reason: 'A configuration for a card that is not there leaves the host without network.',
    clause: 'guide 3.3',
    *find({ uplink, inside, links }, { kernel }) {
      if (kernel === undefined) return;
      const names = kernel.devices.map(({ name }) => name);
      const wanted: readonly (readonly [readonly PropertyKey[], string])[] = [
        [['uplink', 'device'], uplink.device],
        ...inside.ports.map((port, index) => [['inside', 'ports', index], port] as const),
        ...(inside.bridge ? [] : [[['inside', 'device'], inside.device] as const]),
        ...links.map(({ device }) => [['link', device], device] as const),
      ];
      for (const [path, device] of wanted) {
        if (names.includes(device)) continue;
        const same = kernel.devices.find(
          ({ mac, kind }) => mac !== undefined && mac === uplink.mac && kind === undefined,
        );
        const meant = same === undefined ? '' : `; ${same.name} has its MAC address`;
        const there = kernel.devices.filter(
          ({ kind, name }) => kind === undefined && name !== 'lo',
        );
        const isUplink = device === uplink.device;
        yield {
          path,
          fact: `there is no device ${device}${isUplink ? meant : ''}`,
          remedy: isUplink
            ? deviceToWrite(same === undefined ? there : [same])
            : oneOf(there.filter(({ name }) => name !== uplink.device)),
        };
      }
    },
  },
  {
    id: 'mac-mismatch',
    needs: ['kernel'],
    severity: 'error',
    reason:
      'The provider takes frames of the real card alone; a wrong MAC address cuts the host off.',
    clause: 'guide 3.3',
    *find({ uplink }, { kernel }) {
      const device = kernel?.devices.find(({ name }) => name === uplink.device);
      if (device?.mac === undefined || uplink.mac === undefined || device.mac === uplink.mac)
        return;
      const owner = kernel?.devices.find(
        ({ mac, kind }) => mac === uplink.mac && kind === undefined,
      );
      yield {
        path: ['uplink', 'mac'],
        fact: `${uplink.device} has ${device.mac}, and host.toml says ${uplink.mac}`,
        remedy:
          owner === undefined
            ? `Write: mac = "${device.mac}"`
            : `Write: device = "${owner.name}", which has that MAC address; or mac = "${device.mac}"`,
      };
    },
  },
  {
    id: 'other-release',
    needs: ['release'],
    severity: 'error',
    reason: 'What is rendered fits the versions of one release.',
    clause: 'os-release(5)',
    *find({ release }, facts) {
      const wanted = software[release].name.toLowerCase();
      if (facts.release === undefined || facts.release === wanted) return;
      yield {
        path: ['release'],
        fact: `this is ${facts.release}, and host.toml says ${wanted}`,
        remedy: 'Correct release; if yours is not known, the nearest is your risk.',
      };
    },
  },
  {
    id: 'package-missing',
    needs: ['packages'],
    severity: 'warning',
    reason: 'A file without its daemon does nothing.',
    clause: 'apt(8)',
    *find(host, { packages }) {
      if (packages === undefined) return;
      const missing = neededPackages(host).filter(({ name }) => !packages.has(name));
      if (missing.length === 0) return;
      yield {
        fact: `not installed: ${missing.map(({ name, why }) => `${name} (${why})`).join(', ')}`,
        remedy: `apt install ${missing.map(({ name }) => name).join(' ')}`,
      };
    },
  },
  {
    id: 'two-on-port-53',
    needs: ['kernel', 'packages'],
    severity: 'warning',
    reason: 'Of two name servers on one address, one gets the questions, and not always the same.',
    clause: 'guide 4.5',
    *find(host, { packages, kernel }) {
      const { dns64, inside, relay } = host;
      if (dns64 === undefined && relay === undefined) return;
      if (packages?.has('dnsmasq') === true) {
        yield {
          fact: 'the package dnsmasq is installed: it takes port 53 of every address',
          remedy: 'apt remove dnsmasq (dnsmasq-base stays: libvirt uses it)',
        };
      }
      const program = dns64?.engine === 'unbound' ? 'unbound' : 'named';
      const own = [formatAddress(inside.address), '*', '::', '0.0.0.0', '[::]'];
      const others = (kernel?.listeners ?? []).filter(
        (one) =>
          one.port === 53 &&
          own.includes(one.address) &&
          one.program !== undefined &&
          one.program !== program,
      );
      for (const other of new Set(others.map((one) => `${one.program} at ${one.address}`))) {
        yield {
          ...(dns64 === undefined ? {} : { path: ['dns64'] }),
          fact: `port 53 is taken by ${other}, where ${dns64Unit(host)} is to be`,
          remedy: `Stop and disable it, or have it listen elsewhere.`,
        };
      }
    },
  },
  ...managerLints,
];

function deviceToWrite(cards: readonly DeviceFact[]): string {
  const [first, ...more] = cards;
  if (first === undefined) return 'Write the card towards the provider; `ip link` shows none here.';
  return more.length > 0 ? oneOf(cards) : `Write: device = "${first.name}"`;
}

function oneOf(cards: readonly DeviceFact[]): string {
  if (cards.length === 0) return 'Take it away: `ip link` shows no card that it could be.';
  const shown = cards.map(({ name, mac }) => (mac === undefined ? name : `${name} (${mac})`));
  return `Write one of these: ${shown.join(', ')}.`;
}
