/** Spans of time as people write them: `90s`, `10m`, `1h`, `7d`, or a chain of these (`1h30m`). */

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds, or undefined where the text is not a duration. `0` needs no unit. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    total += Number(count) * (units[unit ?? ''] ?? 0);
  }
  return total;
}

/** The two largest units, rounded down: `2d 3h`, `45s`, `120ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.max(0, Math.round(milliseconds))}ms`;
  const parts: string[] = [];
  let left = milliseconds;
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = units[unit] ?? 1;
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ');
}
