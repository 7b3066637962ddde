/**
 * SipHash-2-4 (Aumasson, Bernstein 2012), which RFC 9018 §4.4 makes server cookies with, so that servers of one
 * service agree. 64-bit words are pairs of 32 bits, low half first, since BigInt would be a hundred times slower.
 */
export function sipHash24(key: Uint8Array, message: Uint8Array): Uint8Array {
  const keys = new DataView(key.buffer, key.byteOffset, 16);
  const k0 = [keys.getUint32(0, true), keys.getUint32(4, true)] as const;
  const k1 = [keys.getUint32(8, true), keys.getUint32(12, true)] as const;
  const v = Int32Array.of(
    k0[0] ^ 0x70736575,
    k0[1] ^ 0x736f6d65,
    k1[0] ^ 0x6e646f6d,
    k1[1] ^ 0x646f7261,
    k0[0] ^ 0x6e657261,
    k0[1] ^ 0x6c796765,
    k1[0] ^ 0x79746573,
    k1[1] ^ 0x74656462,
  );
  const padded = new DataView(new ArrayBuffer((message.length & ~7) + 8));
  message.forEach((byte, at) => padded.setUint8(at, byte));
  padded.setUint8(padded.byteLength - 1, message.length);
  for (let at = 0; at < padded.byteLength; at += 8) {
    const low = padded.getUint32(at, true);
    const high = padded.getUint32(at + 4, true);
    mix(v, 6, low, high);
    round(v);
    round(v);
    mix(v, 0, low, high);
  }
  mix(v, 4, 0xff, 0);
  for (let count = 0; count < 4; count++) round(v);
  const out = new DataView(new ArrayBuffer(8));
  out.setInt32(0, at(v, 0) ^ at(v, 2) ^ at(v, 4) ^ at(v, 6), true);
  out.setInt32(4, at(v, 1) ^ at(v, 3) ^ at(v, 5) ^ at(v, 7), true);
  return new Uint8Array(out.buffer);
}

function at(v: Int32Array, index: number): number {
  return v[index] ?? 0;
}

function mix(v: Int32Array, word: number, low: number, high: number): void {
  v[word] = at(v, word) ^ low;
  v[word + 1] = at(v, word + 1) ^ high;
}

function add(v: Int32Array, to: number, from: number): void {
  const low = (at(v, to) >>> 0) + (at(v, from) >>> 0);
  v[to] = low;
  v[to + 1] = at(v, to + 1) + at(v, from + 1) + (low > 0xffffffff ? 1 : 0);
}

/** Rotates `word` left by `bits`, then xors `with_` into it. */
function turn(v: Int32Array, word: number, bits: number, other: number): void {
  const low = at(v, word);
  const high = at(v, word + 1);
  v[word] = (bits === 32 ? high : (low << bits) | (high >>> (32 - bits))) ^ at(v, other);
  v[word + 1] = (bits === 32 ? low : (high << bits) | (low >>> (32 - bits))) ^ at(v, other + 1);
}

function swap(v: Int32Array, word: number): void {
  const low = at(v, word);
  v[word] = at(v, word + 1);
  v[word + 1] = low;
}

function round(v: Int32Array): void {
  add(v, 0, 2);
  turn(v, 2, 13, 0);
  swap(v, 0);
  add(v, 4, 6);
  turn(v, 6, 16, 4);
  add(v, 0, 6);
  turn(v, 6, 21, 0);
  add(v, 4, 2);
  turn(v, 2, 17, 4);
  swap(v, 4);
}
