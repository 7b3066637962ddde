/** A section as doveconf prints it: `kind label { … }`; the whole output is one without kind and label. */
export interface Section {
  readonly kind: string;
  readonly label: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly sections: readonly Section[];
}

interface Open extends Section {
  readonly settings: Map<string, string>;
  readonly sections: Section[];
}

/** Reads what doveconf prints, which is one line a setting; what it can't place it leaves out. */
export function parseDoveconf(text: string): Section {
  const whole = opened('', '');
  const stack = [whole];
  for (const line of text.split('\n')) {
    const inner = stack.at(-1) ?? whole;
    if (line.trim() === '}') {
      if (stack.length > 1) stack.pop();
      continue;
    }
    const [, name, value] = /^\s*(\S+) = ?(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      inner.settings.set(name, unquoted(value));
      continue;
    }
    const [, kind, label] = /^\s*([A-Za-z0-9_]+)(?: (.*))? \{$/.exec(line) ?? [];
    if (kind === undefined) continue;
    const section = opened(kind, unquoted(label ?? ''));
    inner.sections.push(section);
    stack.push(section);
  }
  return whole;
}

function opened(kind: string, label: string): Open {
  return { kind, label, settings: new Map(), sections: [] };
}

function unquoted(value: string): string {
  const inside = /^"(.*)"$/.exec(value.trim())?.[1];
  return inside === undefined ? value.trim() : inside.replaceAll(/\\(.)/g, '$1').trim();
}

/** The first line says whose output it is: `# 2.4.1-4 (7d8c0e5759): /etc/dovecot/dovecot.conf`. */
export function versionIn(
  text: string,
): { readonly major: number; readonly minor: number } | undefined {
  const [, major, minor] = /^# (\d+)\.(\d+)[.\d]*/.exec(text) ?? [];
  return major === undefined || minor === undefined
    ? undefined
    : { major: Number(major), minor: Number(minor) };
}
