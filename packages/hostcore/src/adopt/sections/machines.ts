import { formatAddress } from '../../domain/ip-address.js';
import { formatInterfaced } from '../../domain/ip-network.js';
import type { Concluded } from '../conclude.js';
import type { Unread } from '../reading.js';
import type { Survey } from '../survey.js';
import type { Section } from '../toml.js';
import { shown, shownAll, some } from '../words.js';

/** The VMs; an IPv4 address whose VM is not known is kept as a route, so that it goes on to work. */
export function machineSections(
  own: string,
  { vms }: Survey,
  { routed4, bridge }: Concluded,
  around: { readonly neighbours: ReadonlyMap<string, string>; readonly unread: Unread[] },
): readonly Section[] {
  const owners = routed4.map((one) => {
    const address = formatAddress(one);
    return { address, mac: around.neighbours.get(address) };
  });
  const homeless = owners.filter(({ mac }) => !vms.some((vm) => vm.mac === mac));
  for (const { address } of homeless) {
    const why = 'no VM could be told by it; it is kept as a route, better is ipv4 = "…" at its VM';
    around.unread.push({ path: 'IPv4 of a VM', line: undefined, text: address, why });
  }
  return [
    ...vms.map((vm) => ({
      header: `[${own}.vm.${vm.name}]`,
      entries: [
        ['mac', vm.mac],
        ['ipv4', owners.find(({ mac }) => mac === vm.mac)?.address],
        ['memory', vm.memory],
        ['cpus', vm.cpus],
      ] as const,
    })),
    ...homeless.map(({ address }) => ({
      header: `[[${own}.route]]`,
      comment: 'which VM has it?',
      entries: [
        ['to', `${address}/32`],
        ['device', bridge?.name ?? 'br0'],
      ] as const,
    })),
  ];
}

/** Further cards, and static routes (chapter 12 of the guide). */
export function routeSections(
  own: string,
  { advertisements }: Survey,
  seen: Concluded,
): readonly Section[] {
  const devices = [
    seen.uplink,
    ...(seen.bridge === undefined ? [] : [seen.bridge]),
    ...seen.others,
  ];
  const inside = advertisements.find(({ announcing }) => !announcing)?.device;
  const links = seen.others.filter(
    ({ name, kind }) => kind === 'card' && name !== 'nat64' && name !== inside,
  );
  const announcing = advertisements.filter((one) => one.announcing);
  const names = new Set(
    [...links, ...announcing.map(({ device }) => ({ name: device }))].map(({ name }) => name),
  );
  return [
    ...[...names].map((name): Section => {
      const link = links.find((one) => one.name === name);
      return {
        header: `[${own}.link.${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}]`,
        evenEmpty: true,
        entries: [
          ['addresses', some((link?.addresses ?? []).map(formatInterfaced))],
          ['announce', shownAll(announcing.find(({ device }) => device === name)?.routes)],
          ['accept', link?.acceptRa === true ? true : undefined],
        ],
      };
    }),
    // Of a VLAN or a tunnel, which host.toml has not, its routes are told as lost with it.
    ...devices
      .filter(({ name, kind }) => kind !== 'other' || name === seen.uplink.name)
      .flatMap(({ name, routes }) =>
        routes
          .filter(({ to, via }) => to.length > 0 && via !== undefined)
          // One IPv4 address is a VM's.
          .filter(({ to }) => to.family === 6 || to.length < 32)
          .map(({ to, via }): Section => ({
            header: `[[${own}.route]]`,
            entries: [
              ['to', shown(to)],
              ['via', shown(via)],
              ['device', name],
            ],
          })),
      ),
  ];
}

export function extraSection(own: string, { extras, vms }: Survey): Section {
  return {
    header: `[${own}.extras]`,
    entries: [
      ['tmp-size', extras.tmpSize],
      ['kvm', extras.kvm && vms.length === 0 ? true : undefined],
      ['libvirt-users', some(extras.libvirtUsers)],
      ['raid-mail', extras.raidMail],
    ],
  };
}
