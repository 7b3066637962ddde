/** `20:14:03` today, else `2026-11-24 20:14`, by the clock on the wall of who reads it. */
export function momentText(at: string, now: Date): string {
  const moment = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = (date: Date): string =>
    [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const minute = `${two(moment.getHours())}:${two(moment.getMinutes())}`;
  if (day(moment) !== day(now)) return `${day(moment)} ${minute}`;
  return `${minute}:${two(moment.getSeconds())}`;
}
