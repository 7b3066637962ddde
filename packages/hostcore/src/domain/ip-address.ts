/** An address as a number with its family, so that networks, derivation and order are arithmetic. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

export function parseAddress(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const bits = parseDotted(text);
    return bits === undefined ? undefined : { family: 4, bits };
  }
  const groups = parseGroups(text);
  if (groups === undefined) return undefined;
  return { family: 6, bits: groups.reduce((bits, group) => (bits << 16n) | BigInt(group), 0n) };
}

/** RFC 5952 §4: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
export function formatAddress({ family, bits }: IpAddress): string {
  if (family === 4) return dotted(bits);
  if (bits >> 32n === 0xffffn) return `::ffff:${dotted(bits & 0xffffffffn)}`;
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((bits >> BigInt(112 - index * 16)) & 0xffffn),
  );
  const run = longestZeroRun(groups);
  const hex = (part: readonly number[]): string => part.map((one) => one.toString(16)).join(':');
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

/** `fe80:ff:fee1:b`, as some write (and the guide does), is no address; this one was meant. */
export function withoutColons(text: string): string | undefined {
  const meant = text.replace(/^(fe80):(?!:)/i, '$1::');
  return parseAddress(text) === undefined && meant !== text && parseAddress(meant) !== undefined
    ? meant
    : undefined;
}

export function sameAddress(one: IpAddress, other: IpAddress): boolean {
  return one.family === other.family && one.bits === other.bits;
}

/** fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal({ family, bits }: IpAddress): boolean {
  return family === 6 && bits >> 118n === 0x3fan;
}

function parseDotted(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let bits = 0n;
  for (const part of parts) {
    // A leading zero is octal to some readers and decimal to others: refused (RFC 6943 §3.1.1).
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bits = (bits << 8n) | BigInt(part);
  }
  return bits;
}

function parseGroups(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : groupsOf(half)));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const given = head.length + (tail?.length ?? 0);
  if (tail === undefined) return given === 8 ? head : undefined;
  // `::` stands for at least one group of zeros.
  if (given > 7) return undefined;
  return [...head, ...Array.from({ length: 8 - given }, () => 0), ...tail];
}

function groupsOf(half: string): number[] | undefined {
  const groups: number[] = [];
  const parts = half.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const bits = parseDotted(part);
      if (bits === undefined) return undefined;
      groups.push(Number(bits >> 16n), Number(bits & 0xffffn));
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function dotted(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 0xffn)).join('.');
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
