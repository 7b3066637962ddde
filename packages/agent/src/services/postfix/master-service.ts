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
