/** Of a line that has a password or a key in it, what stands before that: plans and logs are read by others. */
export function masked(text: string): string {
  return text.replace(secret, '$1…');
}

const secret =
  /((?:\b|_)(?:[\w-]*psk|[\w-]*pass(?:word|phrase|wd)|[\w-]*secret|[\w-]*key\d?)["']?\s*[:=\s]\s*["']?)[^\s{].*$/is;
