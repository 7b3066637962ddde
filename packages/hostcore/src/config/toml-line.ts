/** What is wrong with a line that is no TOML: the parser names a column, and what was meant is mostly plain. */
export interface LineFault {
  readonly fault: string;
  readonly remedy: string;
  /** The line as it was meant. */
  readonly mended?: string;
}

export function isHeader(line: string): boolean {
  return /^\s*\[/.test(line);
}

/** `[host.merlin.ipv4`; a list that goes on has no name of a table. */
export function isOpenHeader(line: string): boolean {
  return /^\s*\[\[?[\w.-]+\s*(#.*)?$/.test(line);
}

export function explainLine(line: string, message: string): LineFault {
  const shown = line.trim();
  const refused = (why: string, remedy: string): LineFault => ({
    fault: `'${shown}': ${why}`,
    remedy,
  });
  const mend = (why: string, mended: string): LineFault => ({
    ...{ fault: `'${shown}': ${why}`, remedy: `Write: ${mended}`, mended },
  });
  if (/multiple times/.test(message)) {
    return isHeader(line)
      ? refused(
          'this table is there already',
          'Put its keys below the first header, and take this one away.',
        )
      : refused('this key is there already in its table', 'Keep one of the two.');
  }
  if (isOpenHeader(line)) {
    const closed = shown.startsWith('[[') ? ']]' : ']';
    return mend('the header is not closed', shown.replace(/\s*(#.*)?$/, closed));
  }
  if (/[^\P{Cc}\t]/u.test(shown)) {
    return mend('a control character is in it', shown.replaceAll(/[^\P{Cc}\t]/gu, ''));
  }
  if (/[“”„‘’]/.test(line)) {
    return mend('typographic quotes', shown.replaceAll(/[“”„‘’]/g, '"'));
  }
  return (
    keyFault(shown, mend) ??
    refused(
      `no TOML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
      'Write key = "value", below a header like [host.merlin.uplink]; # begins a comment.',
    )
  );
}

function keyFault(
  shown: string,
  mend: (why: string, mended: string) => LineFault,
): LineFault | undefined {
  const [, key = '', mark = '', rest = ''] = /^([\w.-]+)\s*([=:])\s*(.*)$/.exec(shown) ?? [];
  const bare = rest.replace(/\s+#.*$/, '').replaceAll(/^["']|["']$/g, '');
  if (mark === '') return undefined;
  if (bare === '') {
    return {
      fault: `'${shown}': nothing stands behind ${mark}`,
      remedy: 'Write the value, or take the line away.',
    };
  }
  const value = /^(true|false|\d+|\[.*\]|\{.*\})$/.test(bare) ? bare : `"${bare}"`;
  if (mark === ':') return mend('a colon in place of =', `${key} = ${value}`);
  if (/^[^\s"'[{][^"']*$/.test(rest)) return mend('a text stands in quotes', `${key} = "${bare}"`);
  const [, whole, more] = /^("[^"]*"|true|false|\d+|\[[^\]]*\])\s+([^#\s].*)$/.exec(rest) ?? [];
  if (whole !== undefined && more !== undefined) {
    return mend('# is missing before the comment', `${key} = ${whole} # ${more}`);
  }
  if ((rest.match(/(?<!\\)"/g) ?? []).length % 2 === 1) {
    return mend('a quote is not closed', `${key} = ${value}`);
  }
  return undefined;
}
