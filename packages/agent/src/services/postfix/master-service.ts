import { insideBraces, nameAndValue, splitList } from './tokens.js';

/** A service of master.cf, as `postconf -M` writes it: eight fields, one line, continuation lines joined. */
export interface MasterService {
  readonly name: string;
  readonly type: string;
  readonly program: string;
  /** `-o name=value`, in their order: parameters of main.cf that are other ones for this service. */
  readonly overrides: readonly (readonly [string, string])[];
}

/** Of several lines with one name and type the last one has the word: master(5), "Syntax". */
export function parseMaster(text: string): readonly MasterService[] {
  const services = new Map<string, MasterService>();
  for (const line of text.split('\n')) {
    const fields = splitList(line, /\s/);
    const [name, type] = fields;
    const program = fields[7];
    if (name === undefined || type === undefined || program === undefined) continue;
    services.set(`${name}/${type}`, {
      name,
      type,
      program,
      overrides: overridesIn(fields.slice(8)),
    });
  }
  return [...services.values()];
}

function overridesIn(words: readonly string[]): readonly (readonly [string, string])[] {
  return words.flatMap((word, at) => {
    const setting = word === '-o' ? words[at + 1] : /^-o(.+)$/.exec(word)?.[1];
    if (setting === undefined) return [];
    const pair = nameAndValue(insideBraces(setting) ?? setting);
    return pair === undefined ? [] : [pair];
  });
}

/** master_service_disable: patterns `type` or `name/type`, of which the first that fits decides, `!` meaning "not". */
export function isDisabled({ name, type }: MasterService, patterns: string): boolean {
  for (const pattern of splitList(patterns)) {
    const excluded = pattern.startsWith('!');
    const meant = excluded ? pattern.slice(1) : pattern;
    if (meant === type || meant === `${name}/${type}`) return !excluded;
  }
  return false;
}

/** Of an inet service: `host:port` or `port`, each a name or a number, the host perhaps in brackets. */
export function placeOf(name: string): {
  readonly host: string | undefined;
  readonly port: string;
} {
  const at = name.lastIndexOf(':');
  const host = name.slice(0, Math.max(at, 0)).replace(/^\[(.*)\]$/, '$1');
  return { host: host === '' ? undefined : host, port: name.slice(at + 1) };
}

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
