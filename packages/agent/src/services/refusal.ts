import { keptBytes, programFailure, type ProgramResult } from '@sixhub/base';

/** What a program printed, or in one line and in its own words why there is nothing to read. */
export type Told =
  | { readonly kind: 'told'; readonly output: string }
  | { readonly kind: 'unread'; readonly why: string };

export function toldBy(program: string, result: ProgramResult): Told {
  const failure = programFailure(result);
  if (failure !== undefined) return { kind: 'unread', why: inOneLine(failure) };
  const output = result.kind === 'exited' ? result.stdout : '';
  // A dump of this length has lost its end, and half a configuration says wrong things.
  if (Buffer.byteLength(output) < keptBytes) return { kind: 'told', output };
  return { kind: 'unread', why: `the configuration that ${program} prints is longer than 1 MiB` };
}

/** Warnings go before the words that matter, and are not why a program ended. */
function inOneLine(words: string): string {
  const lines = words.split('\n').map((line) => line.trim());
  const grave = lines.filter(
    (line) => line !== '' && !/\[(?:[a-z_]+:)?(?:warn|warning|notice)\]/i.test(line),
  );
  return (grave.length > 0 ? grave : lines).join(' ').trim();
}
