/**
 * The texts of one name in one string, each behind a character that is its length, as TXT has them on the wire. With a
 * hundred thousand names an answer costs what it has to fetch from memory, and this is one place instead of four.
 */
export type PackedTexts = string;

/** Texts are of up to 254 octets, one for each character. */
export function packTexts(texts: readonly string[]): PackedTexts {
  return texts.map((text) => String.fromCharCode(text.length) + text).join('');
}

export function unpackTexts(packed: PackedTexts): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < packed.length; at += 1 + packed.charCodeAt(at))
    texts.push(packed.slice(at + 1, at + 1 + packed.charCodeAt(at)));
  return texts;
}
