import type { IpAddress } from '../domain/ip-address.js';

/** As much of RFC 1035 as a client needs who asks for the addresses of a name. */
export type AddressType = 'A' | 'AAAA';

const types: Readonly<Record<AddressType, number>> = { A: 1, AAAA: 28 };
const recursionDesired = 0x0100;

export function question(id: number, name: string, type: AddressType): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(recursionDesired, 2);
  header.writeUInt16BE(1, 4);
  const labels = name.replace(/\.$/, '').split('.');
  const encoded = labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([header, ...encoded, Buffer.from([0, 0, types[type], 0, 1])]);
}

export interface Answer {
  readonly id: number;
  readonly rcode: number;
  readonly addresses: readonly IpAddress[];
}

/** Undefined where it is no answer, or ends in the middle. */
export function readAnswer(message: Buffer): Answer | undefined {
  try {
    const flags = message.readUInt16BE(2);
    if ((flags & 0x8000) === 0) return undefined;
    let at = 12;
    for (let left = message.readUInt16BE(4); left > 0; left--) at = afterName(message, at) + 4;
    const addresses: IpAddress[] = [];
    for (let left = message.readUInt16BE(6); left > 0; left--) {
      at = afterName(message, at);
      const [type, length] = [message.readUInt16BE(at), message.readUInt16BE(at + 8)];
      const data = message.subarray(at + 10, at + 10 + length);
      if (type === types.A && length === 4) addresses.push(address(data, 4));
      if (type === types.AAAA && length === 16) addresses.push(address(data, 6));
      at += 10 + length;
    }
    return { id: message.readUInt16BE(0), rcode: flags & 15, addresses };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function afterName(message: Buffer, start: number): number {
  for (let at = start; ;) {
    const length = message.readUInt8(at);
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2; // a pointer ends a name (RFC 1035 §4.1.4)
    at += 1 + length;
  }
}

function address(data: Buffer, family: 4 | 6): IpAddress {
  return { family, bits: BigInt(`0x${data.toString('hex')}`) };
}
