import type { Kernel } from '../facts.js';
import type { Host } from '../host.js';
import { formatAddress } from '../ip-address.js';
import type { KernelChange } from './kernel-change.js';

/** With mode on-link and the kernel's own proxy: for whom it answers at the card. */
export function proxyChanges(host: Host, { proxied }: Kernel): readonly KernelChange[] {
  const { uplink, vms } = host;
  const device = uplink.device;
  const active = uplink.mode === 'on-link' && uplink.proxy === 'kernel';
  const wanted = new Map<string, string>(
    active ? vms.map((vm) => [`${formatAddress(vm.address)} ${device}`, vm.name] as const) : [],
  );
  const present = [...proxied].filter((one) => one.endsWith(` ${device}`));
  return [
    ...[...wanted].flatMap(([entry, name]) =>
      proxied.has(entry)
        ? []
        : [change('add', entry, `the provider asks for VM ${name} at the card`)],
    ),
    ...present.flatMap((entry) =>
      wanted.has(entry) ? [] : [change('remove', entry, 'no VM of host.toml has this address')],
    ),
  ];
}

function change(action: 'add' | 'remove', entry: string, why: string): KernelChange {
  const [address = '', device = ''] = entry.split(' ');
  const verb = action === 'add' ? 'add' : 'del';
  return {
    ...{ kind: 'proxy', action, device, why },
    subject: `answers for ${address} on ${device}`,
    command: `ip -6 neigh ${verb} proxy ${address} dev ${device}`,
  };
}
