/** host.toml as a person would write it: a table a thing, in the order of docs/host.toml.md. */
export interface Section {
  readonly header: string;
  readonly entries: readonly (readonly [key: string, value: Value | undefined])[];
  readonly comment?: string;
  /** Written although it has no entries: the table itself says something. */
  readonly evenEmpty?: boolean;
}

export type Value = string | number | boolean | readonly string[];

export function writeToml(opening: readonly string[], sections: readonly Section[]): string {
  const tables = sections.flatMap((section) => {
    const lines = section.entries.flatMap(([key, value]) =>
      value === undefined ? [] : [`${key} = ${written(value)}`],
    );
    if (lines.length === 0 && section.evenEmpty !== true) return [];
    const comment = section.comment === undefined ? [] : [`# ${section.comment}`];
    return [['', ...comment, section.header, ...lines].join('\n')];
  });
  return `${[...opening.map((line) => `# ${line}`), ...tables].join('\n')}\n`;
}

function written(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `[${value.map((one) => JSON.stringify(one)).join(', ')}]`;
}
