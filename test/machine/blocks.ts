/** A page's commands: its fenced blocks that are marked as `sh`, in order. Anything else is to be read, not typed. */
export function commandBlocks(page: string): readonly string[] {
  return [...page.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim(),
  );
}

/** Without the lines that are not typed, and without what is empty then. */
export function typedBlocks(
  page: string,
  notTyped: Readonly<Record<string, string>> = {},
): readonly string[] {
  return commandBlocks(page)
    .map((block) =>
      block
        .split('\n')
        .filter((line) => !(line in notTyped))
        .join('\n'),
    )
    .filter((block) => block !== '');
}
