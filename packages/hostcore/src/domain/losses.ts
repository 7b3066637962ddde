import type { Host } from './host.js';
import { formatAddress, parseAddress, sameAddress, type IpAddress } from './ip-address.js';
import { formatInterfaced, formatNetwork, hostNetwork, sameNetwork } from './ip-network.js';
import { layout, type DeviceLayout } from './layout.js';
import type { Loss, SaidDevice, SaidNetwork } from './said.js';

/** What a file says, and host.toml does not: it is told before the file is taken out of the way. */
export function lossesOf(host: Host, text: string, said: SaidNetwork): readonly Loss[] {
  const laid = layout(host);
  const found = said.devices.flatMap((device) =>
    laid.some((one) => one.device === device.name)
      ? [
          ...addresses(device, laid, text),
          ...routes(device, laid, text),
          ...switches(host, device, laid, text),
          ...resolvers(host, device, text),
        ]
      : wholeDevice(host, device, text),
  );
  return [...found, ...said.unread].sort(
    (one, other) => (one.line ?? Infinity) - (other.line ?? Infinity),
  );
}

function wholeDevice(host: Host, device: SaidDevice, text: string): readonly Loss[] {
  const { name, kind } = device;
  const has = [
    ...device.addresses.map(formatInterfaced),
    ...device.ports.map((port) => `port ${port}`),
    ...device.routes.map(({ to }) => `route to ${formatNetwork(to)}`),
  ];
  const why =
    kind === 'card'
      ? `host.toml does not have this device; a further card is a table [host.${host.name}.link.${name}]`
      : 'host.toml does not have this device, and has no words for its kind';
  return [
    {
      line: lineWhere(text, (line) => words(line).includes(name)),
      text: has.length === 0 ? name : `${name}: ${has.join(', ')}`,
      why,
    },
  ];
}

function addresses(
  { name, addresses, peers }: SaidDevice,
  laid: readonly DeviceLayout[],
  text: string,
): readonly Loss[] {
  const kept = laid.flatMap((one) => [
    ...one.addresses.map(({ address }) => address),
    // The other end of a point-to-point address is the router, or a VM, which has a route.
    ...one.routes.flatMap(({ via }) => via ?? []),
  ]);
  const isKept = (address: IpAddress): boolean =>
    kept.some((one) => sameAddress(one, address)) ||
    laid.some((one) => one.routes.some(({ to }) => sameNetwork(to, hostNetwork(address))));
  return [
    ...addresses
      .filter(({ address }) => !isKept(address))
      .map((one) => ({
        line: lineNaming(text, one.address),
        text: `${name}: address ${formatInterfaced(one)}`,
        why: 'host.toml does not have it',
      })),
    ...peers
      .filter((one) => !isKept(one))
      .map((one) => ({
        line: lineNaming(text, one),
        text: `${name}: peer ${formatAddress(one)}`,
        why: 'host.toml has no route to it',
      })),
  ];
}

function routes(
  { name, routes }: SaidDevice,
  laid: readonly DeviceLayout[],
  text: string,
): readonly Loss[] {
  const own = laid.flatMap((one) => one.addresses.map(({ address }) => address));
  return routes.flatMap(({ to, via }) => {
    const same = laid.flatMap((one) => one.routes).filter((one) => sameNetwork(one.to, to));
    // By the host itself, as the guide writes it, is to the link.
    const link = via === undefined || own.some((one) => sameAddress(one, via));
    const kept = same.some((one) =>
      one.via === undefined ? link : via !== undefined && sameAddress(one.via, via),
    );
    if (kept) return [];
    const other = same.find((one) => one.via !== undefined)?.via;
    const words = `${to.length === 0 ? 'default' : formatNetwork(to)}${via === undefined ? '' : ` via ${formatAddress(via)}`}`;
    return [
      {
        line: lineNaming(text, via ?? to) ?? lineNaming(text, to),
        text: `${name}: route ${words}`,
        why:
          other === undefined
            ? 'host.toml does not have it'
            : `host.toml leads there via ${formatAddress(other)}`,
      },
    ];
  });
}

function switches(
  { links, uplink }: Host,
  device: SaidDevice,
  laid: readonly DeviceLayout[],
  text: string,
): readonly Loss[] {
  const { name } = device;
  const own = laid.filter(({ master }) => master === name).map((one) => one.device);
  const accepts = links.some((link) => link.device === name && link.accept);
  return [
    // A card that leaves the bridge is what the mode says; the others are ports that would be missed.
    ...device.ports
      .filter((port) => !own.includes(port) && port !== uplink.device)
      .map((port) => ({
        line: lineWhere(text, (line) => words(line).includes(port)),
        text: `${name}: port ${port}`,
        why: 'host.toml does not have it in inside.ports',
      })),
    ...(device.acceptRa === true && !accepts
      ? [
          {
            line: lineWhere(text, (line) => /accept[-_]?ra/i.test(line)),
            text: `${name}: takes router advertisements`,
            why: 'the host is a router, and its addresses and routes are fixed',
          },
        ]
      : []),
    ...(device.proxied === true && uplink.mode !== 'on-link'
      ? [
          {
            line: lineWhere(text, (line) => /ProxyNDP/i.test(line)),
            text: `${name}: answers neighbour solicitations for others`,
            why: `with mode ${uplink.mode} nobody asks on the link`,
          },
        ]
      : []),
  ];
}

function resolvers(host: Host, { name, resolvers }: SaidDevice, text: string): readonly Loss[] {
  return resolvers
    .filter((one) => !host.resolvers.some((other) => sameAddress(one, other)))
    .map((one) => ({
      line: lineNaming(text, one),
      text: `${name}: name server ${formatAddress(one)}`,
      why: 'it is not among resolvers in host.toml',
    }));
}

function lineNaming(
  text: string,
  wanted: { readonly family: 4 | 6; readonly bits: bigint },
): number | undefined {
  return lineWhere(text, (line) =>
    words(line).some((word) => {
      const parsed = parseAddress(word.replace(/\/.*$/, ''));
      return parsed?.family === wanted.family && parsed.bits === wanted.bits;
    }),
  );
}

function lineWhere(text: string, fits: (line: string) => boolean): number | undefined {
  const index = text.split('\n').findIndex((line) => !/^\s*[#;]/.test(line) && fits(line));
  return index < 0 ? undefined : index + 1;
}

/** Without what quotes, lists and assignments are made of. */
function words(line: string): readonly string[] {
  return line.split(/[\s,=[\]{}"']+/).map((word) => word.replace(/(?<!:):$/, ''));
}
