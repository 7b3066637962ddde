import { isIP } from 'node:net';
import { programFailure } from '@sixhub/base';
import type { ReaderParts } from './reader-parts.js';

/** What stands for every address of a family: the reader is on the same machine. */
export const loopback = { ipv4: '127.0.0.1', ipv6: '::1' } as const;

/** Without IPv6 in the kernel, programs go on with IPv4 alone and say so in their logs at most. */
export async function hasIpv6({ files }: ReaderParts): Promise<boolean> {
  const interfaces = await files.read('/proc/net/if_inet6').catch(() => ''); // no such file, no IPv6
  return interfaces.trim() !== '';
}

/** As the C library resolves a name for every program of this machine; none where it has no address. */
export async function addressesOf({ run }: ReaderParts, host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const result = await run('getent', ['ahosts', host], { timeoutMs: 10_000 });
  if (result.kind !== 'exited' || programFailure(result) !== undefined) return [];
  const addresses = result.stdout.split('\n').map((line) => line.split(/\s/)[0] ?? '');
  return [...new Set(addresses.filter((address) => isIP(address) !== 0))];
}
