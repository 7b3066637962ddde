import type { Word } from './zone-file-words.js';

/** The data of a LOC record (RFC 1876 §3): `51 30 12.748 N 0 7 39.611 W 0.00m [size [horizontal [vertical]]]`. */
export function location(words: Word[]): Uint8Array | undefined {
  const latitude = angle(words, 'N', 'S', 90);
  const longitude = angle(words, 'E', 'W', 180);
  const altitude = metres(words.shift()?.text);
  if (latitude === undefined || longitude === undefined || altitude === undefined) return undefined;
  const sizes: number[] = [];
  for (const standard of ['1m', '10000m', '10m']) {
    const size = metres(words.shift()?.text ?? standard);
    if (size === undefined || size < 0) return undefined;
    sizes.push(exponential(Math.round(size * 100)));
  }
  const data = new DataView(new ArrayBuffer(16));
  sizes.forEach((size, index) => data.setUint8(index + 1, size));
  data.setUint32(4, latitude);
  data.setUint32(8, longitude);
  data.setUint32(12, Math.round((altitude + 100_000) * 100));
  return new Uint8Array(data.buffer);
}

/** Degrees, and minutes and seconds if given, in thousandths of a second around 2^31. */
function angle(
  words: Word[],
  positive: string,
  negative: string,
  most: number,
): number | undefined {
  const numbers: number[] = [];
  for (;;) {
    const text = words.shift()?.text.toUpperCase() ?? '';
    if (text === positive || text === negative) {
      const [degrees, minutes = 0, seconds = 0] = numbers;
      if (degrees === undefined || degrees > most || minutes >= 60 || seconds >= 60)
        return undefined;
      const thousandths = Math.round((degrees * 3_600 + minutes * 60 + seconds) * 1_000);
      return 2 ** 31 + (text === positive ? thousandths : -thousandths);
    }
    if (!/^\d+(\.\d+)?$/.test(text) || numbers.length === 3) return undefined;
    numbers.push(Number(text));
  }
}

function metres(text: string | undefined): number | undefined {
  const number = /^(-?\d+(\.\d+)?)m?$/i.exec(text ?? '')?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Centimetres as one digit and a power of ten, four bits each. */
function exponential(centimetres: number): number {
  let power = 0;
  let mantissa = centimetres;
  while (mantissa > 9 && power < 9) {
    mantissa = Math.floor(mantissa / 10);
    power++;
  }
  return (Math.min(mantissa, 9) << 4) | power;
}
