/** One TXT value of an account. */
export interface Value {
  /** Grows with every change anywhere, so that the newest is known without a clock. */
  readonly sequence: number;
  readonly text: string;
  /** The challenge that it answers; undefined for a client of the HTTP API, which names none. */
  readonly challenge?: string;
  /** Milliseconds since 1970, when it was published. */
  readonly at: number;
}

/** What a change leaves, and what it takes away. */
export interface Values {
  readonly kept: readonly Value[];
  readonly removed: readonly Value[];
}

/** A name with more values than this is no order's any more; their answer would fill a TCP message. */
export const mostChallenges = 200;

/** Publishing the same challenge again replaces its value. */
export function withChallenge(current: readonly Value[], value: Value): Values {
  return split(current, (other) => other.challenge !== value.challenge, value);
}

export function withoutChallenge(current: readonly Value[], challenge: string): Values {
  return split(current, (other) => other.challenge !== challenge);
}

/**
 * The rule that clients of the HTTP API count on, since they never withdraw: the newest `most` values stay.
 * A value that is there already becomes the newest instead of standing twice (RFC 2181 §5).
 */
export function withRolling(current: readonly Value[], value: Value, most: number): Values {
  const rolling = current
    .filter((other) => other.challenge === undefined && other.text !== value.text)
    .sort((left, right) => right.sequence - left.sequence)
    .slice(0, most - 1);
  return split(current, (other) => other.challenge !== undefined || rolling.includes(other), value);
}

/** Values of challenges that nobody withdrew (an order that died) go after `lifetime`; rolling ones stay. */
export function withoutExpired(current: readonly Value[], now: number, lifetime: number): Values {
  return split(current, (value) => value.challenge === undefined || value.at + lifetime > now);
}

/** What the name answers: each text once, the oldest first. */
export function answeredTexts(values: readonly Value[]): readonly string[] {
  return [...new Set(values.map(({ text }) => text))];
}

function split(current: readonly Value[], keeps: (value: Value) => boolean, added?: Value): Values {
  const kept = current.filter(keeps);
  return {
    kept: added === undefined ? kept : [...kept, added],
    removed: current.filter((value) => !keeps(value)),
  };
}
