/** The middle of sorted values; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** `median (least to most)`, in milliseconds. */
export function spread(values: readonly number[]): string {
  const round = (value: number): string => value.toFixed(0);
  return `${round(median(values))} ms (${round(Math.min(...values))} to ${round(Math.max(...values))})`;
}
