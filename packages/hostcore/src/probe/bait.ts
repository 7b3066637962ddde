import type { RunProgram } from '@sixhub/base';

/**
 * An advertisement to all nodes that none believes: its hop limit is 1, and RFC 4861 §6.1.2 has every receiver discard what
 * was not sent with 255. It says nothing, either. What must not leave the bridge is so proven not to, at once: a router
 * answers a solicitation to its sender alone, and multicasts of its own every few minutes.
 *
 * Node has no raw sockets; perl-base is essential in Debian and Ubuntu.
 */
export async function sendBait(run: RunProgram, device: string): Promise<boolean> {
  const result = await run('perl', ['-e', script, device], { timeoutMs: 3_000 });
  return result.kind === 'exited' && result.code === 0;
}

/** The kernel fills in the checksum of ICMPv6 (RFC 3542 §3.1). Numbers are Linux's: AF_INET6 10, SOCK_RAW 3. */
const script = `
socket(my $socket, 10, 3, 58) or die $!;
my $request = pack('a16 x24', $ARGV[0]);
ioctl($socket, 0x8933, $request) or die $!; # SIOCGIFINDEX; /sys may be another network's
my $index = unpack('x16 i', $request);
setsockopt($socket, 41, 17, pack('i', $index)) or die $!; # IPV6_MULTICAST_IF
setsockopt($socket, 41, 18, pack('i', 1)) or die $!; # IPV6_MULTICAST_HOPS
setsockopt($socket, 41, 19, pack('i', 0)) or die $!; # IPV6_MULTICAST_LOOP
my $all = pack('n8', 0xff02, 0, 0, 0, 0, 0, 0, 1);
my $to = pack('S n N a16 L', 10, 0, 0, $all, $index);
defined send($socket, pack('C16', 134), 0, $to) or die $!;
`;

/** Type 134 in a plain IPv6 packet, whatever its hop limit. */
export function isAdvert(frame: Buffer): boolean {
  if (frame.length < 55 || frame.readUInt16BE(12) !== 0x86dd) return false;
  return frame.readUInt8(20) === 58 && frame.readUInt8(54) === 134;
}

export function isBait(frame: Buffer): boolean {
  return isAdvert(frame) && frame.readUInt8(21) === 1;
}
