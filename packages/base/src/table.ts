/** Rows as aligned text: a header, columns two spaces apart, the last cell cut to fit `columns`. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns = 80,
): string {
  const widths = header.map((title, index) =>
    Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index === cells.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  const fit = (text: string): string =>
    text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
  return [header, ...rows].map((cells) => fit(line(cells))).join('\n');
}
