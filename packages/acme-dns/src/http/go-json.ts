/**
 * JSON as Go's decoder takes it, which is what clients of the Go program were written against: keys match without
 * case, the last of equal keys counts, unknown keys do not matter.
 */
export class GoObject {
  private readonly fields: ReadonlyMap<string, unknown>;

  private constructor(fields: ReadonlyMap<string, unknown>) {
    this.fields = fields;
  }

  /** `null` is an object without keys; anything else that is no object is undefined. */
  static of(value: unknown): GoObject | undefined {
    if (value === null) return new GoObject(new Map());
    if (typeof value !== 'object' || Array.isArray(value)) return undefined;
    return new GoObject(
      new Map(Object.entries(value).map(([key, field]) => [key.toLowerCase(), field])),
    );
  }

  get(key: string): unknown {
    return this.fields.get(key);
  }
}

export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined; // not JSON is one of the two answers
  }
}

/** The first value of `text`, whatever stands behind it. */
export function parseFirstJson(text: string): { readonly value: unknown } | undefined {
  return parseJson(text) ?? parseJson(text.slice(0, endOfObject(text)));
}

function endOfObject(text: string): number {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth++;
    else if ((char === '}' || char === ']') && --depth === 0) return at + 1;
  }
  return text.length;
}
