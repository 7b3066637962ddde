export interface ListedCertificate {
  readonly path: string;
  /** What is asked for by SNI instead of the names in the certificate; `!` before it: not this one. */
  readonly filters: readonly string[];
  readonly line: number;
}

/** `file [options] filter …`, a line each (manual, §5.1, crt-list). */
export function parseCrtList(text: string): readonly ListedCertificate[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const open = line.indexOf('[');
    const close = open === -1 ? -1 : line.indexOf(']', open);
    const plain = close === -1 ? line : `${line.slice(0, open)} ${line.slice(close + 1)}`;
    const [path = '', ...filters] = plain.split(/\s+/);
    return [
      {
        path,
        filters: filters.filter((filter) => filter !== '').map((f) => f.toLowerCase()),
        line: index + 1,
      },
    ];
  });
}
