import type { ZoneDescription } from './zone.js';
import { Answers } from './answers.js';
import { Responder, type Transport } from './responder.js';
import { Zone } from './zone.js';
import type { Cookies } from './cookies.js';

/** What tests of the wire share: a zone, queries made of parts, and answers taken apart. */

const description: ZoneDescription = {
  domain: 'auth.example.org',
  nameServer: 'ns.auth.example.org',
  admin: 'host.master@example.org',
  records: [
    'ns.auth.example.org A 192.0.2.1',
    'ns.auth.example.org AAAA 2001:db8::1',
    'auth.example.org CAA 0 issue "ca.example"',
    'a.b.auth.example.org A 192.0.2.2',
    'alias.auth.example.org CNAME to-account.auth.example.org',
    'to-account.auth.example.org CNAME acct.auth.example.org',
    'lost.auth.example.org CNAME nothing.auth.example.org',
    'away.auth.example.org CNAME elsewhere.example',
    '*.w.auth.example.org TXT "wild"',
    'cut.auth.example.org NS ns.cut.auth.example.org',
    'ns.cut.auth.example.org A 192.0.2.3',
    ...Array.from({ length: 40 }, (_, at) => `big.auth.example.org TXT "${'x'.repeat(40)}${at}"`),
  ],
};

export function responder(cookies?: Cookies): Responder {
  const zone = Zone.parse(description);
  if (!(zone instanceof Zone)) throw new Error(JSON.stringify(zone));
  const answers = new Answers(zone, 7);
  answers.setAccount('acct', ['A'.repeat(43), 'B'.repeat(43)]);
  answers.setAccount('empty', []);
  return new Responder(answers, cookies);
}

export function u16(value: number): readonly number[] {
  return [value >> 8, value & 0xff];
}

export function nameOctets(name: string): readonly number[] {
  const labels = name.split('.').filter((label) => label !== '');
  return [...labels.flatMap((label) => [label.length, ...Buffer.from(label)]), 0];
}

export interface Asked {
  readonly name?: string;
  readonly type?: number;
  readonly class?: number;
  readonly opcode?: number;
  /** The two octets of flags but for the opcode; RD unless said. */
  readonly flags?: number;
  readonly questions?: number;
  readonly answers?: readonly (readonly number[])[];
  readonly additional?: readonly (readonly number[])[];
  /** Octets behind the message. */
  readonly tail?: readonly number[];
}

export function message(asked: Asked): Buffer {
  const { name = 'acct.auth.example.org', opcode = 0, flags = 0x100 } = asked;
  const { answers = [], additional = [] } = asked;
  return Buffer.from([
    ...[0x12, 0x34, ...u16((opcode << 11) | flags)],
    ...[asked.questions ?? 1, answers.length, 0, additional.length].flatMap(u16),
    ...nameOctets(name),
    ...u16(asked.type ?? 16),
    ...u16(asked.class ?? 1),
    ...answers.flat(),
    ...additional.flat(),
    ...(asked.tail ?? []),
  ]);
}

export function edns(
  options: {
    payload?: number;
    version?: number;
    flags?: number;
    owner?: string;
    data?: readonly number[];
  } = {},
): readonly number[] {
  const { payload = 1232, version = 0, flags = 0, owner = '', data = [] } = options;
  const head = [...nameOctets(owner), 0, 41, ...u16(payload), 0, version, ...u16(flags)];
  return [...head, ...u16(data.length), ...data];
}

export interface Told {
  readonly rcode: number;
  readonly flags: string;
  readonly counts: readonly number[];
  readonly length: number;
  readonly bytes: Buffer;
}

export function ask(
  to: Responder,
  query: Uint8Array,
  transport: Transport = 'udp',
  address = '198.51.100.100',
): Told | undefined {
  const out = Buffer.alloc(65_535);
  const length = to.respond(query, query.length, out, transport, address);
  if (length === 0) return undefined;
  const bytes = Buffer.from(out.subarray(0, length));
  const high = bytes.readUInt8(2);
  const names = { aa: 4, tc: 2, rd: 1 };
  const flags = Object.entries(names).flatMap(([name, bit]) => ((high & bit) === 0 ? [] : [name]));
  const counts = [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at));
  return { rcode: bytes.readUInt8(3), flags: flags.join(' '), counts, length, bytes };
}
