import { parseAddress } from './ip-address.js';
import { wordBytes, type Word } from './zone-file-words.js';

/** Parameters of SVCB and HTTPS records (RFC 9460 §2.1 and §7), in ascending order of their keys as §2.2 demands. */
export function serviceParameters(words: readonly Word[]): Uint8Array | undefined {
  const found = new Map<number, Uint8Array>();
  for (const word of words) {
    const [, key = '', , value = ''] = /^([a-z0-9-]+)(=(.*))?$/s.exec(word.text) ?? [];
    const number = keyNumber(key);
    const bytes = number === undefined ? undefined : valueBytes(number, unquoted(value));
    if (number === undefined || bytes === undefined || found.has(number)) return undefined;
    found.set(number, bytes);
  }
  const ordered = [...found].sort(([left], [right]) => left - right);
  return Uint8Array.from(
    ordered.flatMap(([key, value]) => [...pair(key), ...pair(value.length), ...value]),
  );
}

const keys: readonly string[] = [
  'mandatory',
  'alpn',
  'no-default-alpn',
  'port',
  'ipv4hint',
  'ech',
  'ipv6hint',
];

function keyNumber(key: string): number | undefined {
  const generic = /^key(\d{1,5})$/.exec(key)?.[1];
  const number = generic === undefined ? keys.indexOf(key) : Number(generic);
  return number >= 0 && number < 0xffff ? number : undefined;
}

function valueBytes(key: number, value: string): Uint8Array | undefined {
  const list = value.split(',');
  switch (keys[key]) {
    case 'mandatory': {
      const numbers = list.map(keyNumber);
      if (numbers.includes(undefined)) return undefined;
      const sorted = numbers.map((number) => number ?? 0).sort((left, right) => left - right);
      return Uint8Array.from(sorted.flatMap(pair));
    }
    case 'alpn':
      return joined(list.map((name) => prefixed(wordBytes(name))));
    case 'no-default-alpn':
      return value === '' ? new Uint8Array() : undefined;
    case 'port':
      return /^\d{1,5}$/.test(value) && Number(value) <= 0xffff
        ? Uint8Array.from(pair(Number(value)))
        : undefined;
    case 'ipv4hint':
      return joined(list.map((text) => (text.includes(':') ? undefined : parseAddress(text))));
    case 'ipv6hint':
      return joined(list.map((text) => (text.includes(':') ? parseAddress(text) : undefined)));
    case 'ech':
      return undefined; // its value is a structure of base64; key5 with octets says the same
    default:
      return wordBytes(value);
  }
}

function unquoted(value: string): string {
  return /^"(.*)"$/s.exec(value)?.[1] ?? value;
}

function prefixed(bytes: Uint8Array | undefined): Uint8Array | undefined {
  if (bytes === undefined || bytes.length === 0 || bytes.length > 255) return undefined;
  return Uint8Array.of(bytes.length, ...bytes);
}

function joined(parts: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  if (parts.includes(undefined)) return undefined;
  return Uint8Array.from(parts.flatMap((part) => [...(part ?? [])]));
}

function pair(value: number): readonly number[] {
  return [value >> 8, value & 0xff];
}
