import type { Facts } from '../facts.js';
import { outerDevice, type Host } from '../host.js';
import { formatAddress, sameAddress, type IpAddress } from '../ip-address.js';
import type { KernelChange } from './kernel-change.js';

/** What becomes of the SSH session that asks. */
export type SessionFate =
  /** No SSH session was found: a console, or nothing that leads to one. */
  | { readonly kind: 'none' }
  | { readonly kind: 'safe'; readonly address: IpAddress }
  /** Its address goes for a moment and comes back: TCP waits for it. */
  | {
      readonly kind: 'interrupted' | 'ended';
      readonly address: IpAddress;
      readonly by: readonly KernelChange[];
    };

export function fateOfSession(
  host: Host,
  facts: Facts,
  changes: readonly KernelChange[],
): SessionFate {
  const address = facts.kernel?.session;
  if (facts.kernel === undefined || address === undefined) return { kind: 'none' };
  const carrier = facts.kernel.devices.find(({ addresses }) =>
    addresses.some((one) => sameAddress(one.address, address)),
  );
  const gone = changes.filter((one) => takes(one, address));
  const back = changes.some(
    (one) => one.kind === 'address' && one.action === 'add' && isSame(one, address),
  );
  const stays = carrier?.addresses.length !== undefined && gone.length === 0;
  if (gone.length > 0 && !back) return { kind: 'ended', address, by: gone };
  const shaken = changes.filter((one) => shakes(host, one, address, carrier?.name));
  if (stays && shaken.length === 0) return { kind: 'safe', address };
  return { kind: 'interrupted', address, by: [...gone, ...shaken] };
}

function takes(change: KernelChange, address: IpAddress): boolean {
  return change.kind === 'address' && change.action === 'remove' && isSame(change, address);
}

function isSame({ address }: KernelChange, other: IpAddress): boolean {
  return address !== undefined && sameAddress(address, other);
}

/** What stops packets for a while: the card moves, the bridge gets another MAC address, the way back changes. */
function shakes(
  host: Host,
  { kind, action, device, route }: KernelChange,
  address: IpAddress,
  carrier: string | undefined,
): boolean {
  const concerned = [carrier, host.uplink.device, outerDevice(host)].includes(device);
  if (kind === 'link') return action === 'set' && concerned;
  if (kind === 'route') {
    return route?.to.length === 0 && route.to.family === address.family;
  }
  return false;
}

export function describeFate(fate: SessionFate): string {
  switch (fate.kind) {
    case 'none':
      return 'No SSH session was found that this could cut.';
    case 'safe':
      return `This SSH session (to ${formatAddress(fate.address)}) is not cut.`;
    case 'interrupted':
      return `This SSH session (to ${formatAddress(fate.address)}) is interrupted, and goes on when the address is back, by:`;
    case 'ended':
      return `This SSH session (to ${formatAddress(fate.address)}) ENDS: its address goes away, by:`;
    default:
      return fate satisfies never;
  }
}
