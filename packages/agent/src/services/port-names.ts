/** Where /etc/services lacks them: the names that mail servers use (RFC 6409, RFC 8314). */
const mailPorts: ReadonlyMap<string, number> = new Map([
  ['smtp', 25],
  ['mail', 25],
  ['smtps', 465],
  ['ssmtp', 465],
  ['submissions', 465],
  ['submission', 587],
]);

/** By its number, or by its name in the text of /etc/services. */
export function portOf(text: string, etcServices: string): number | undefined {
  if (/^\d+$/.test(text))
    return Number(text) > 0 && Number(text) < 65_536 ? Number(text) : undefined;
  for (const line of etcServices.split('\n')) {
    const [name, place, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const port = /^(\d+)\/tcp$/.exec(place ?? '')?.[1];
    if (port !== undefined && (name === text || aliases.includes(text))) return Number(port);
  }
  return mailPorts.get(text);
}
