import { slaacAddress, type MacAddress, parseMac } from '../domain/mac-address.js';
import type { IpAddress } from '../domain/ip-address.js';
import type { IpNetwork } from '../domain/ip-network.js';

/** Everything that a probe makes carries the number of its process, so that what a dead one left is known. */

/** Fifteen characters at most (IFNAMSIZ): two, and a number of up to seven digits. */
export function deviceName(of: 'client' | 'stranger', pid: number): string {
  return `sh${of === 'client' ? 'c' : 's'}${pid}`;
}

export function ownerOfDevice(name: string): number | undefined {
  const pid = /^sh[cs](\d+)$/.exec(name)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** Locally administered; the kernel numbers processes with 22 bits. */
export function probeMac(pid: number): MacAddress {
  const octets = [0x02, 0x73, 0x68, (pid >> 16) & 0xff, (pid >> 8) & 0xff, pid & 0xff];
  const mac = parseMac(octets.map((one) => one.toString(16).padStart(2, '0')).join(':'));
  if (mac === undefined) throw new Error(`${pid} makes no MAC address`);
  return mac;
}

/** Whose address it is, where it is one that a probe derived. */
export function ownerOfAddress(address: IpAddress): number | undefined {
  const identifier = address.bits & 0xffff_ffff_ffff_ffffn;
  return identifier >> 24n === 0x00_73_68_ff_fen ? Number(identifier & 0xff_ffffn) : undefined;
}

export function probeAddress(network: IpNetwork, pid: number): IpAddress {
  return slaacAddress(network, probeMac(pid));
}
