import { stat } from 'node:fs/promises';
import type { RunProgram } from '@sixhub/base';
import type { RewritingRule } from '../domain/facts.js';
import { field, list, word } from './commands.js';

/**
 * The rules of ebtables that rewrite source addresses, the guide's among them. nft shows of those that ebtables-nft made
 * that there are some, and nothing of those that ebtables-legacy made; each lists its own. The old one is asked only where
 * its table is loaded: asking would load it.
 */
export async function readRewriting(
  run: RunProgram,
  entries: readonly unknown[],
): Promise<readonly RewritingRule[]> {
  const [ours, theirs] = await Promise.all([byNft(run, entries), byLegacy(run)]);
  return [...ours, ...theirs];
}

async function byNft(
  run: RunProgram,
  entries: readonly unknown[],
): Promise<readonly RewritingRule[]> {
  const found = entries.filter(
    (entry) =>
      field(entry, 'rule', 'family') === 'bridge' &&
      field(entry, 'rule', 'table') === 'nat' &&
      field(entry, 'rule', 'chain') === 'POSTROUTING' &&
      list(field(entry, 'rule', 'expr')).some((one) => field(one, 'xt', 'name') === 'snat'),
  );
  if (found.length === 0) return [];
  const listed = (await listedBy(run, 'ebtables-nft')) ?? [];
  if (listed.length > 0) return listed;
  return found.map((entry) => {
    const handle = `bridge nat POSTROUTING handle ${String(field(entry, 'rule', 'handle'))}`;
    const device = list(field(entry, 'rule', 'expr')).find(
      (one) => field(one, 'match', 'left', 'meta', 'key') === 'oifname',
    );
    const out = word(field(device, 'match', 'right'));
    return {
      rule: `${out === undefined ? '' : `-o ${out} `}-j snat (${handle})`,
      remove: `nft delete rule ${handle}`,
      out,
    };
  });
}

async function byLegacy(run: RunProgram): Promise<readonly RewritingRule[]> {
  const loaded = await stat('/sys/module/ebtable_nat').then(
    () => true,
    () => false,
  );
  if (!loaded) return [];
  const listed = await listedBy(run, 'ebtables-legacy');
  if (listed !== undefined) return listed;
  // Before there were two, it had its name to itself; today that may be the other's.
  const { stdout } = await ask(run, 'ebtables', ['-V']);
  return stdout.includes('nf_tables') ? [] : ((await listedBy(run, 'ebtables')) ?? []);
}

async function listedBy(
  run: RunProgram,
  tool: string,
): Promise<readonly RewritingRule[] | undefined> {
  const { code, stdout } = await ask(run, tool, ['-t', 'nat', '-L', 'POSTROUTING']);
  if (code !== 0) return undefined;
  return readListing(stdout).map(({ rule, place }) => ({
    rule,
    remove: `${tool} -t nat -D POSTROUTING ${rule}`,
    add: `${tool} -t nat -I POSTROUTING ${place} ${rule}`,
    out: /(?:^|\s)(?:-o|--out-interface)\s+(\S+)/.exec(rule)?.[1],
  }));
}

async function ask(
  run: RunProgram,
  tool: string,
  words: readonly string[],
): Promise<{ readonly code: number | undefined; readonly stdout: string }> {
  const result = await run(tool, words, {
    timeoutMs: 10_000,
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' },
  });
  return result.kind === 'exited' ? result : { code: undefined, stdout: '' };
}

/** `-j snat --to-src MAC --snat-target ACCEPT`, a line a rule, below lines of the table and its chain; counted from 1. */
function readListing(text: string): readonly { readonly rule: string; readonly place: number }[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^Bridge (table|chain): /.test(line))
    .map((rule, index) => ({ rule, place: index + 1 }))
    .filter(({ rule }) => /(^|\s)-j snat(\s|$)/.test(rule));
}
