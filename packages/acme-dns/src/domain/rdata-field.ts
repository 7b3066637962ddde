import { typeNumber } from './codes.js';
import { DomainName } from './domain-name.js';
import { parseAddress } from './ip-address.js';
import { serviceParameters } from './service-parameters.js';
import { wordBytes, type Word } from './zone-file-words.js';

/**
 * What a record's data is made of. A DomainName may be compressed when it is written (RFC 3597 §4 allows that in the
 * types of RFC 1035 only); names of newer types are plain octets here already.
 */
export type RdataPart = Uint8Array | DomainName;

export interface FieldContext {
  readonly origin: DomainName;
}

/** Reads one field off the front of `words`; undefined where they do not fit. */
export type Field = (words: Word[], context: FieldContext) => RdataPart | undefined;

function oneWord(read: (text: string, context: FieldContext) => RdataPart | undefined): Field {
  return (words, context) => {
    const word = words.shift();
    return word === undefined ? undefined : read(word.text, context);
  };
}

/** All words that are left, joined, as long hexadecimal and base64 data is broken up. */
function rest(read: (text: string) => Uint8Array | undefined): Field {
  return (words) =>
    words.length === 0
      ? undefined
      : read(
          words
            .splice(0)
            .map((word) => word.text)
            .join(''),
        );
}

function unsigned(size: 1 | 2 | 4): Field {
  return oneWord((text) => (/^\d{1,10}$/.test(text) ? bigEndian(Number(text), size) : undefined));
}

function bigEndian(value: number, size: number): Uint8Array | undefined {
  if (value >= 2 ** (8 * size)) return undefined;
  return Uint8Array.from({ length: size }, (_, at) =>
    Math.floor(value / 2 ** (8 * (size - 1 - at))),
  );
}

function characterString(text: string): Uint8Array | undefined {
  const bytes = wordBytes(text);
  return bytes === undefined || bytes.length > 255
    ? undefined
    : Uint8Array.of(bytes.length, ...bytes);
}

function hexadecimal(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) =>
    Number.parseInt(text.slice(2 * at, 2 * at + 2), 16),
  );
}

function base64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** A list of types as windows of bits (RFC 4034 §4.1.2). */
function typeBitmap(words: Word[]): Uint8Array | undefined {
  const windows = new Map<number, number[]>();
  for (const word of words.splice(0)) {
    const type = typeNumber(word.text);
    if (type === undefined) return undefined;
    const bits = windows.get(type >> 8) ?? [];
    const at = (type & 0xff) >> 3;
    while (bits.length <= at) bits.push(0);
    bits[at] = (bits[at] ?? 0) | (0x80 >> (type & 7));
    windows.set(type >> 8, bits);
  }
  const ordered = [...windows].sort(([left], [right]) => left - right);
  return Uint8Array.from(ordered.flatMap(([window, bits]) => [window, bits.length, ...bits]));
}

function groups(count: number, separator: string, digits: number): Field {
  const one = `[0-9a-fA-F]{${digits}}`;
  const shape = new RegExp(`^${one}(${separator}${one}){${count - 1}}$`);
  return oneWord((text) =>
    shape.test(text) ? hexadecimal(text.replaceAll(separator, '')) : undefined,
  );
}

/** Every name is absolute, with or without its final dot, as the Go program reads it; `@` is the zone. */
function name(text: string, { origin }: FieldContext): DomainName | undefined {
  return text === '@' ? origin : DomainName.parse(text.endsWith('.') ? text : `${text}.`);
}

export const field = {
  u8: unsigned(1),
  u16: unsigned(2),
  u32: unsigned(4),
  name: oneWord(name),
  plainName: oneWord((text, context) => name(text, context)?.wire),
  ipv4: oneWord((text) => (text.includes(':') ? undefined : parseAddress(text))),
  ipv6: oneWord((text) => (text.includes(':') ? parseAddress(text) : undefined)),
  string: oneWord(characterString),
  /** One or more character strings. */
  strings: (words) => {
    const strings = words.splice(0).map((word) => characterString(word.text));
    return strings.length === 0 || strings.includes(undefined)
      ? undefined
      : Uint8Array.from(strings.flatMap((bytes) => [...(bytes ?? [])]));
  },
  /** One to the end of the data, without a length (CAA, URI). */
  remainder: oneWord(wordBytes),
  type: oneWord((text) => {
    const type = typeNumber(text);
    return type === undefined ? undefined : bigEndian(type, 2);
  }),
  hexadecimal: rest(hexadecimal),
  base64: rest(base64),
  typeBitmap,
  locator64: groups(4, ':', 4),
  eui48: groups(6, '-', 2),
  eui64: groups(8, '-', 2),
  serviceParameters: (words) => serviceParameters(words.splice(0)),
} as const satisfies Record<string, Field>;
