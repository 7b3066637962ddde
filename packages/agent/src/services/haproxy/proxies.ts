import { dirname } from 'node:path';
import { bindOf, type Bind } from './bind.js';
import type { Section } from './configuration.js';
import type { Places } from './loaded.js';

/** The lines of what runs: a proxy may be `disabled`, itself or by its defaults. */
export function bindsOf(sections: readonly Section[]): readonly Bind[] {
  const globally = sections.filter(({ kind }) => kind === 'global').flatMap(({ lines }) => lines);
  const strict = globally.some(
    ({ words }) => words[0] === 'ssl-default-bind-options' && words.includes('strict-sni'),
  );
  return sections.flatMap((section, index) => {
    const { lines } = section;
    if (section.kind === 'defaults' || isDisabled(sections, index)) return [];
    // Before TLS comes a header, or certificates come from elsewhere: what is shown is not known.
    const unknown = lines.some(
      ({ words }) => words.includes('expect-proxy') || words[0] === 'ssl-f-use',
    );
    const extra = lines.find(({ words }) => words[0] === 'default-bind')?.words.slice(1) ?? [];
    return lines
      .filter(({ words }) => words[0] === 'bind')
      .map(({ words, where }) => bindOf({ words: [...words, ...extra], where }))
      .filter((bind) => bind !== undefined)
      .map((bind) => ({ ...bind, tls: bind.tls && !unknown, strict: bind.strict || strict }));
  });
}

function isDisabled(sections: readonly Section[], index: number): boolean {
  const section = sections[index];
  if (section === undefined) return false;
  const said = section.lines.findLast(({ words }) =>
    ['disabled', 'enabled'].includes(words[0] ?? ''),
  );
  if (said !== undefined) return said.words[0] === 'disabled';
  if (!['frontend', 'listen', 'defaults'].includes(section.kind)) return false;
  const above = sections.findLastIndex(
    ({ kind, name }, at) =>
      at < index &&
      kind === 'defaults' &&
      (section.from === undefined ? section.kind !== 'defaults' : name === section.from),
  );
  return above !== -1 && isDisabled(sections, above);
}

/** Manual, §3.1: default-path and crt-base. */
export function placesOf(sections: readonly Section[], file: string): Places {
  const said = (name: string): readonly (string | undefined)[] =>
    sections
      .filter(({ kind }) => kind === 'global')
      .flatMap(({ lines }) => lines)
      .findLast(({ words }) => words[0] === name)
      ?.words.slice(1) ?? [];
  const [kind, origin] = said('default-path');
  const directories: Readonly<Record<string, string>> = {
    config: dirname(file),
    parent: dirname(dirname(file)),
    origin: origin ?? '/',
  };
  return { directory: directories[kind ?? ''] ?? '/', base: said('crt-base')[0] ?? '' };
}
