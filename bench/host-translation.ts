import { openLab } from '@sixhub/test/lab';
import { openBare, openRendered, seconds, type Figures, type Kind } from './host-side.js';
import { median, spread } from './median.js';

/** NAT64 and DNS64 by what `hostcore apply` made, and by the same daemons with the least that they need, in turns. */
export async function benchTranslation(
  turns: number,
  print: (line: string) => void,
): Promise<void> {
  await using lab = await openLab();
  const sides = { rendered: await openRendered(lab), bare: await openBare(lab) };
  print(
    `NAT64 and DNS64 as rendered, beside the bare daemons: ${turns} turns of ${seconds} s each`,
  );
  for (const kind of kinds) {
    const found = { rendered: [] as Figures[], bare: [] as Figures[] };
    for (let turn = 0; turn < turns; turn++) {
      // Who begins changes, for the sake of a machine that gets slower or faster meanwhile.
      const order =
        turn % 2 === 0 ? (['rendered', 'bare'] as const) : (['bare', 'rendered'] as const);
      for (const side of order) found[side].push(await sides[side][kind.name]());
    }
    const pick = (side: 'rendered' | 'bare', figure: keyof Figures): readonly number[] =>
      found[side].map((one) => one[figure]);
    const ratio = (figure: keyof Figures): string =>
      spread(
        pick('rendered', figure).map(
          (one, turn) => one / (pick('bare', figure)[turn] ?? Number.NaN),
        ),
        { digits: 2 },
      );
    const both = (show: (side: 'rendered' | 'bare') => string): string =>
      `${show('rendered')}, bare ${show('bare')}`;
    print(`  ${kind.what}: ${both((side) => `${spread(pick(side, 'rate'))} ${kind.unit}`)}`);
    print(`    to bare, turn by turn: ${ratio('rate')}, 1 wanted`);
    print(`    lost ${both((side) => percent(pick(side, 'lost')))}`);
    const cost = both((side) => spread(pick(side, 'cost'), { digits: 1 }));
    print(
      `    the daemon's processor time: ${cost} µs for one ${kind.one}; to bare ${ratio('cost')}`,
    );
  }
}

function percent(shares: readonly number[]): string {
  return `${(median(shares) * 100).toFixed(2)} % (most ${(Math.max(...shares) * 100).toFixed(2)})`;
}

const kinds: readonly { name: Kind; what: string; unit: string; one: string }[] = [
  { name: 'up', what: 'NAT64, a VM sends (TCP)', unit: 'Mbit/s', one: 'Mbit' },
  { name: 'down', what: 'NAT64, a VM receives (TCP)', unit: 'Mbit/s', one: 'Mbit' },
  { name: 'datagrams', what: 'NAT64, 50 Mbit/s of UDP', unit: 'Mbit/s', one: 'Mbit' },
  { name: 'answers', what: 'DNS64', unit: 'answers/s', one: 'answer' },
];
