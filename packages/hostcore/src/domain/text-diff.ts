/** A diff of lines as people read it: unchanged lines around each change, `-` what goes, `+` what comes. */
export function diffLines(before: string, after: string, context = 2): readonly string[] {
  return shown(editsOf(lines(before), lines(after)), context);
}

/** Of files in which spaces say nothing: what differs in them alone is unchanged, and stands as it comes. */
export function diffWords(before: string, after: string, context = 2): readonly string[] {
  const fresh = lines(after);
  const edits = editsOf(lines(before).map(withoutSpaces), fresh.map(withoutSpaces));
  const old = lines(before).values();
  const next = fresh.values();
  const written = edits.map(([mark]): Edit => {
    const gone = mark === '+' ? undefined : old.next().value;
    const come = mark === '-' ? undefined : next.next().value;
    return [mark, come ?? gone ?? ''];
  });
  return shown(written, context);
}

function withoutSpaces(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ');
}

function shown(edits: readonly Edit[], context: number): readonly string[] {
  const near = edits.map((_, index) =>
    edits.slice(Math.max(0, index - context), index + context + 1).some(([mark]) => mark !== ' '),
  );
  const told: string[] = [];
  for (const [index, [mark, line]] of edits.entries()) {
    if (near[index] === true) told.push(`${mark}${line}`);
    else if (near[index - 1] === true && index < edits.length - 1) told.push('…');
  }
  if (told.at(-1) === '…') told.pop();
  return told;
}

type Edit = readonly [mark: ' ' | '-' | '+', line: string];

function lines(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** The longest common subsequence; what both begin and end with is left out of its table. */
function editsOf(before: readonly string[], after: readonly string[]): readonly Edit[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (line: string): Edit => [' ', line];
  return [
    ...before.slice(0, head).map(same),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

function middle(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const width = after.length + 1;
  // longest[i * width + j]: of before from i on, and after from j on.
  const longest = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const both = 1 + (longest[(i + 1) * width + j + 1] ?? 0);
      const either = Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0);
      longest[i * width + j] = before[i] === after[j] ? both : either;
    }
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      edits.push([' ', old]);
      i++;
      j++;
    } else if (
      old !== undefined &&
      (fresh === undefined ||
        (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))
    ) {
      edits.push(['-', old]);
      i++;
    } else if (fresh !== undefined) {
      edits.push(['+', fresh]);
      j++;
    }
  }
  return edits;
}
