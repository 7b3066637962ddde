/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 0 to `below` - 1. */
  roll(below: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.roll(choices.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }
}

const tellingOctets = [0, 1, 12, 41, 63, 64, 127, 128, 192, 255];

/** One to eight octets changed, put in, taken out, cut off or repeated; rarely nothing but noise. */
export function mutate(seed: Buffer, dice: Dice): Buffer {
  if (dice.roll(50) === 0) return noise(dice.roll(600), dice);
  let bytes = Buffer.from(seed);
  for (let left = 1 + dice.roll(8); left > 0; left--) {
    const at = dice.roll(bytes.length + 1);
    const octet = dice.roll(2) === 0 ? dice.pick(tellingOctets) : dice.roll(256);
    switch (dice.roll(6)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(octet), bytes.subarray(at)]);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice.roll(4))]);
        break;
      case 2:
        if (dice.roll(4) === 0) bytes = bytes.subarray(0, at);
        break;
      case 3:
        if (dice.roll(8) === 0) bytes = Buffer.concat([bytes, bytes.subarray(at)]);
        break;
      default:
        if (at < bytes.length) bytes.writeUInt8(octet, at);
    }
  }
  return bytes.subarray(0, 4_096);
}

function noise(length: number, dice: Dice): Buffer {
  return Buffer.from(Array.from({ length }, () => dice.roll(256)));
}
