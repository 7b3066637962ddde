import type { RunProgram } from '@sixhub/base';
import type { Host } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import type { ClientSeen, Looked, UplinkSeen } from '../domain/verify/seen.js';
import { readDevices } from '../facts/devices.js';
import { isAdvert } from '../probe/bait.js';
import { openCapture } from '../probe/capture.js';
import { probeAddress } from '../probe/names.js';

/**
 * What leaves through the card, seen by tcpdump after the last rule of the bridge has had it (the kernel hands a frame to
 * AF_PACKET just before the driver). Counters of a table of ours would see it before rules of a later priority, and nft can't
 * look at the card's egress on every kernel.
 */
interface UplinkWatch extends AsyncDisposable {
  result(client: Looked<ClientSeen>): Promise<UplinkSeen>;
}

export async function openUplinkWatch(host: Host, run: RunProgram): Promise<Looked<UplinkWatch>> {
  const { device } = host.uplink;
  const card = (await readDevices(run))?.find(({ name }) => name === device);
  if (card?.mac === undefined) return { kind: 'blind', why: `there is no card ${device}` };
  if (!card.up) return { kind: 'blind', why: `${device} is down` };
  const address = formatAddress(probeAddress(host.inside.network, process.pid));
  const capture = await openCapture({
    ...{ device, direction: 'out' },
    filter: `(not ether src ${card.mac}) or (icmp6 and ip6[40] == 134) or (ip6 and src host ${address})`,
  });
  if ('reason' in capture) return { kind: 'blind', why: capture.reason };
  const mac = card.mac;
  return {
    kind: 'seen',
    value: {
      async result(client) {
        const isOwn = (frame: Buffer): boolean => sourceOf(frame) === address;
        // The frames of a connection that came about have left; tcpdump tells of them a moment later.
        const left = client.kind === 'seen' && client.value.ipv6 === 'connected';
        await capture.until((frames) => frames.some(isOwn), left ? 500 : 0);
        const sources = capture.frames.map((frame) => macAt(frame)).filter((one) => one !== mac);
        return {
          card: mac,
          own: capture.frames.filter(isOwn).length,
          foreign: [...new Set(sources)],
          adverts: capture.frames.filter(isAdvert).length,
          baited: client.kind === 'seen' && client.value.baited,
        };
      },
      [Symbol.asyncDispose]: () => capture[Symbol.asyncDispose](),
    },
  };
}

function macAt(frame: Buffer): string {
  return Array.from(frame.subarray(6, 12), (one) => one.toString(16).padStart(2, '0')).join(':');
}

function sourceOf(frame: Buffer): string | undefined {
  if (frame.length < 54 || frame.readUInt16BE(12) !== 0x86dd) return undefined;
  return formatAddress({
    family: 6,
    bits: BigInt(`0x${frame.subarray(22, 38).toString('hex')}`),
  });
}
