/**
 * Blowfish begins from the binary digits of pi behind its point (Schneier 1993): 18 words, then four boxes of 256.
 * Computing them takes some milliseconds, once, and can't have a typing error as a table of 1,042 numbers can.
 */
export interface BlowfishStart {
  readonly p: Int32Array;
  readonly s: Int32Array;
}

const pWords = 18;
const sWords = 1_024;

export function blowfishStart(): BlowfishStart {
  const words = piWords(pWords + sWords);
  return { p: words.slice(0, pWords), s: words.slice(pWords) };
}

/** Bits beyond the wanted ones, which take up the rounding of some ten thousand divisions. */
const guardBits = 64n;

function piWords(count: number): Int32Array {
  const bits = BigInt(32 * count);
  const one = 1n << (bits + guardBits);
  // Machin 1706: pi = 16 arctan(1/5) - 4 arctan(1/239).
  const pi = 16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one);
  const digits = ((pi >> guardBits) & ((1n << bits) - 1n)).toString(16).padStart(8 * count, '0');
  return Int32Array.from({ length: count }, (_, at) =>
    Number.parseInt(digits.slice(8 * at, 8 * at + 8), 16),
  );
}

/** In units of 1/one: the series 1/x - 1/3x³ + 1/5x⁵ … until its parts vanish. */
function arctanOfInverse(x: bigint, one: bigint): bigint {
  const square = x * x;
  let power = one / x;
  let sum = power;
  for (let divisor = 3n, sign = -1n; power !== 0n; divisor += 2n, sign = -sign) {
    power /= square;
    sum += (sign * power) / divisor;
  }
  return sum;
}
