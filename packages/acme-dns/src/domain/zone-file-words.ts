/** One word of a zone-file line. `text` keeps its escapes, since only the field it stands for can say what they mean. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

/**
 * Splits one entry (RFC 1035 §5.1): words between blanks, character strings in quotes, `;` starts a comment,
 * parentheses only join lines. Undefined where a quote or a parenthesis is left open.
 */
export function splitWords(line: string): readonly Word[] | undefined {
  const words: Word[] = [];
  let depth = 0;
  for (let at = 0; at < line.length;) {
    const char = line[at] ?? '';
    if (/\s/.test(char)) at++;
    else if (char === ';') at = endOfLine(line, at);
    else if (char === '(' || char === ')') {
      depth += char === '(' ? 1 : -1;
      if (depth < 0) return undefined;
      at++;
    } else {
      const quoted = char === '"';
      const start = quoted ? at + 1 : at;
      const end = endOfWord(line, start, quoted);
      if (end === undefined) return undefined;
      words.push({ text: line.slice(start, end), quoted });
      at = quoted ? end + 1 : end;
    }
  }
  return depth === 0 ? words : undefined;
}

function endOfLine(line: string, from: number): number {
  const end = line.indexOf('\n', from);
  return end === -1 ? line.length : end;
}

function endOfWord(line: string, from: number, quoted: boolean): number | undefined {
  for (let at = from; at < line.length; at++) {
    const char = line[at] ?? '';
    if (char === '\\') at++;
    else if (quoted ? char === '"' : /[\s;()]/.test(char)) return at;
    else if (!quoted && char === '"' && line[at - 1] === '=') {
      // key="value with blanks", as SVCB parameters have it
      const close = endOfWord(line, at + 1, true);
      if (close === undefined) return undefined;
      at = close;
    }
  }
  return quoted ? undefined : line.length;
}

/** The octets of a word, `\DDD` and `\x` resolved; characters beyond Latin-1 become their UTF-8 octets. */
export function wordBytes(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      const code = text.codePointAt(at) ?? 0;
      bytes.push(...utf8(code));
      if (code > 0xffff) at++;
      continue;
    }
    const digits = /^\d{3}/.exec(text.slice(at + 1))?.[0];
    const byte = digits === undefined ? text.charCodeAt(at + 1) : Number(digits);
    if (!(byte <= 0xff)) return undefined;
    bytes.push(byte);
    at += digits?.length ?? 1;
  }
  return Uint8Array.from(bytes);
}

function utf8(code: number): readonly number[] {
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 0x3f)];
  if (code < 0x10000)
    return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
  return [
    0xf0 | (code >> 18),
    0x80 | ((code >> 12) & 0x3f),
    0x80 | ((code >> 6) & 0x3f),
    0x80 | (code & 0x3f),
  ];
}
