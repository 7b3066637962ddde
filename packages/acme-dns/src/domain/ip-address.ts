/** The 4 or 16 octets of an address, or undefined where the text is not one. `::ffff:a.b.c.d` stays 16 octets. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  const fits = parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return parts.length === 4 && fits ? Uint8Array.from(parts, Number) : undefined;
}

function parseIPv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const left = groupBytes(halves[0] ?? '', halves.length === 1);
  const right = groupBytes(halves[1] ?? '', true);
  if (left === undefined || right === undefined) return undefined;
  const missing = 16 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.of(...left, ...new Uint8Array(missing), ...right);
}

/** Groups between colons; the last of an address may be IPv4 in dots. */
function groupBytes(text: string, mayEndInIPv4: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (mayEndInIPv4 && index === groups.length - 1 && group.includes('.')) {
      const tail = parseIPv4(group);
      if (tail === undefined) return undefined;
      bytes.push(...tail);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

/** The octets as a client is known by: an IPv4 address in IPv6 clothes (`::ffff:10.1.1.1`) is the IPv4 address. */
export function clientAddress(text: string): Uint8Array | undefined {
  const zone = text.indexOf('%');
  const bytes = parseAddress(zone === -1 ? text : text.slice(0, zone));
  return bytes !== undefined && isMapped(bytes) ? bytes.slice(12) : bytes;
}

function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff &&
    bytes.subarray(0, 10).every((byte) => byte === 0)
  );
}

/** 4 octets in dots, 16 as `ipv6Text` writes them. */
export function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? [...bytes].join('.') : ipv6Text(bytes);
}

/** RFC 5952: lower case, the first longest run of zero groups as `::`. */
export function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  const runs = [
    ...groups
      .map((group) => (group === '0' ? 'z' : 'x'))
      .join('')
      .matchAll(/z{2,}/g),
  ];
  const longest = runs.sort((left, right) => right[0].length - left[0].length)[0];
  if (longest === undefined) return groups.join(':');
  const after = longest.index + longest[0].length;
  return `${groups.slice(0, longest.index).join(':')}::${groups.slice(after).join(':')}`;
}

/** An address as RFC 5952 writes it; what is none stays as it is. */
export function plainAddress(text: string): string {
  const bytes = parseAddress(text);
  return bytes === undefined ? text : addressText(bytes);
}
