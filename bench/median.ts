/** The middle of sorted values; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** `median (least to most)`, with so many digits behind the point. */
export function spread(
  values: readonly number[],
  { digits = 0, unit = '' }: { readonly digits?: number; readonly unit?: string } = {},
): string {
  const round = (value: number): string => value.toFixed(digits);
  return `${round(median(values))}${unit} (${round(Math.min(...values))} to ${round(Math.max(...values))})`;
}
