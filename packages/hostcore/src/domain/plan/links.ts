import type { DeviceFact, Kernel } from '../facts.js';
import type { Host } from '../host.js';
import { formatAddress } from '../ip-address.js';
import type { DeviceLayout } from '../layout.js';
import { linkLocalAddress, parseMac } from '../mac-address.js';
import type { KernelChange } from './kernel-change.js';

/** On a port of a bridge it is mostly off; an address can't come before it is on. */
export function ipv6Off(
  devices: readonly DeviceLayout[],
  { sysctls: now }: Kernel,
): readonly KernelChange[] {
  return devices.flatMap(({ device, addresses }) => {
    const key = `net/ipv6/conf/${device}/disable_ipv6`;
    if (now.get(key) !== '1' || !addresses.some(({ address }) => address.family === 6)) return [];
    return [
      {
        ...{ kind: 'sysctl', action: 'set', subject: `${key} = 0, is 1` },
        ...{ why: `${device} gets an IPv6 address`, command: `sysctl -w ${key}=0` },
      },
    ];
  });
}

export function bridgeChanges(
  { inside }: Host,
  { device }: DeviceLayout,
  found: DeviceFact | undefined,
): readonly KernelChange[] {
  const mac = inside.mac === undefined ? '' : ` address ${inside.mac}`;
  if (found === undefined) {
    return [
      {
        ...{ kind: 'link', action: 'add', device, subject: `bridge ${device}` },
        why: 'the bridge of the VMs',
        command: `ip link add ${device}${mac} type bridge stp_state 0 forward_delay 0`,
      },
      up(device),
    ];
  }
  return [
    ...(inside.mac !== undefined && found.mac !== inside.mac
      ? [
          {
            ...{ kind: 'sysctl' as const, action: 'set' as const, device },
            subject: `net/ipv6/conf/${device}/ndisc_notify = 1`,
            why: 'the VMs hear at once of the MAC address that comes (RFC 4861 §7.2.6), instead of missing the old one first',
            command: `sysctl -w net/ipv6/conf/${device}/ndisc_notify=1`,
          },
          {
            ...{ kind: 'link' as const, action: 'set' as const, device },
            subject: `${device} has the MAC address ${inside.mac}, is ${found.mac ?? 'none'}`,
            why: "it stays the same whatever VM starts or stops, so the VMs' router stays as well",
            command: `ip link set dev ${device} address ${inside.mac}`,
          },
        ]
      : []),
    ...(found.up ? [] : [up(device)]),
  ];
}

function up(device: string): KernelChange {
  return {
    ...{ kind: 'link', action: 'set', device, subject: `${device} is up` },
    ...{ why: 'nothing passes a device that is down', command: `ip link set dev ${device} up` },
  };
}

export function portChanges(
  laid: DeviceLayout,
  found: DeviceFact | undefined,
): readonly KernelChange[] {
  const { device, master } = laid;
  if (found === undefined || laid.kind === 'bridge') return [];
  const changes: KernelChange[] = [...linkLocalAtOnce(laid, found)];
  if (found.master !== master) {
    const from = found.master === undefined ? '' : `, is a port of ${found.master}`;
    changes.push({
      ...{ kind: 'link', action: 'set', device },
      subject:
        master === undefined
          ? `${device} is a port of no bridge${from}`
          : `${device} is a port of ${master}${from}`,
      why:
        master === undefined
          ? 'frames of the VMs stay inside, and packets are routed'
          : 'the bridge reaches beyond the host through it',
      command:
        master === undefined
          ? `ip link set dev ${device} nomaster`
          : `ip link set dev ${device} master ${master}`,
    });
  }
  if (!found.up) changes.push(up(device));
  return changes;
}

/**
 * A port has no link-local address, and the provider routes to it. The kernel makes one, and then asks for seconds whether another
 * machine has it (RFC 4862 §5.4), while it answers nobody; the bridge had the same one a moment ago.
 */
function linkLocalAtOnce(laid: DeviceLayout, found: DeviceFact): readonly KernelChange[] {
  const { device, master, addresses } = laid;
  const mac = parseMac(found.mac ?? '');
  const leaves = found.master !== undefined && master === undefined;
  if (!leaves || mac === undefined || !addresses.some(({ address }) => address.family === 6)) {
    return [];
  }
  const address = linkLocalAddress(mac);
  const text = `${formatAddress(address)}/64`;
  return [
    {
      ...{ kind: 'address', action: 'add', device, address, subject: `${text} on ${device}` },
      why: 'the provider finds the host by it; at once, since the bridge has just had it',
      command: `ip address replace ${text} dev ${device} nodad`,
    },
  ];
}
