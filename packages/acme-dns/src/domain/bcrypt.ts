import { blowfishStart } from './pi-words.js';

/**
 * bcrypt (Provos and Mazières 1999), only to check passwords that the Go program hashed; nothing new is made with it.
 * One check at cost 10 takes about a tenth of a second here, so it belongs on a thread where nobody waits.
 */
export function bcryptMatches(password: Uint8Array, stored: string): boolean {
  const [, cost = '', salt = '', hash = ''] =
    /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/.exec(stored) ?? [];
  if (hash === '' || Number(cost) < 4 || Number(cost) > 14) return false;
  // A zero ends the password, and 72 octets of it count.
  const key = Uint8Array.of(...password, 0).subarray(0, 72);
  const state = expensiveState(key, decode(salt), 2 ** Number(cost));
  return encode(digest(state)) === hash;
}

interface State {
  readonly p: Int32Array;
  readonly s: Int32Array;
}

function expensiveState(key: Uint8Array, salt: Uint8Array, rounds: number): State {
  const { p, s } = blowfishStart();
  const state = { p: p.slice(), s: s.slice() };
  const none = new Uint8Array(16);
  expand(state, key, salt);
  for (let round = 0; round < rounds; round++) {
    expand(state, key, none);
    expand(state, salt, none);
  }
  return state;
}

function expand(state: State, key: Uint8Array, salt: Uint8Array): void {
  const { p, s } = state;
  for (let at = 0; at < 18; at++) p[at] = (p[at] ?? 0) ^ word(key, 4 * at);
  const block = new Int32Array(2);
  let from = 0;
  const fill = (target: Int32Array): void => {
    for (let at = 0; at < target.length; at += 2) {
      block[0] = (block[0] ?? 0) ^ word(salt, from);
      block[1] = (block[1] ?? 0) ^ word(salt, from + 4);
      from = (from + 8) % 16;
      encipher(state, block);
      target[at] = block[0];
      target[at + 1] = block[1];
    }
  };
  fill(p);
  fill(s);
}

/** Four octets of a text that begins again at its end. */
function word(bytes: Uint8Array, from: number): number {
  let value = 0;
  for (let at = from; at < from + 4; at++) value = (value << 8) | (bytes[at % bytes.length] ?? 0);
  return value;
}

function encipher({ p, s }: State, block: Int32Array): void {
  let left = block[0] ?? 0;
  let right = block[1] ?? 0;
  for (let at = 0; at < 16; at++) {
    left ^= p[at] ?? 0;
    const a = s[left >>> 24] ?? 0;
    const b = s[256 + ((left >>> 16) & 0xff)] ?? 0;
    const c = s[512 + ((left >>> 8) & 0xff)] ?? 0;
    const d = s[768 + (left & 0xff)] ?? 0;
    const mixed = right ^ ((((a + b) | 0) ^ c) + d);
    right = left;
    left = mixed;
  }
  block[0] = right ^ (p[17] ?? 0);
  block[1] = left ^ (p[16] ?? 0);
}

const plainText = 'OrpheanBeholderScryDoubt';

function digest(state: State): Uint8Array {
  const text = Uint8Array.from(plainText, (char) => char.charCodeAt(0));
  const out = new DataView(new ArrayBuffer(24));
  for (let at = 0; at < 24; at += 8) {
    const block = Int32Array.of(word(text, at), word(text, at + 4));
    for (let round = 0; round < 64; round++) encipher(state, block);
    out.setInt32(at, block[0] ?? 0);
    out.setInt32(at + 4, block[1] ?? 0);
  }
  return new Uint8Array(out.buffer, 0, 23);
}

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function encode(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += alphabet[(held >> bits) & 63];
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + (alphabet[(held << (6 - bits)) & 63] ?? '');
}

function decode(text: string): Uint8Array {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const char of text) {
    held = (held << 6) | alphabet.indexOf(char);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
    held &= (1 << bits) - 1;
  }
  return Uint8Array.from(bytes);
}
