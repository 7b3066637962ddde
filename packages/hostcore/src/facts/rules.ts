import type { RunProgram } from '@sixhub/base';
import type { ChainFact, Rules } from '../domain/facts.js';
import { readRewriting } from './ebtables.js';
import { field, jsonOf, list, word } from './commands.js';

/**
 * nftables, and what our file would make of it. For that the file is loaded in a network namespace that lasts for this one
 * question: what the kernel says of both is compared, and no text of ours with a text of nft's.
 */
export async function readRules(
  run: RunProgram,
  ourTables: readonly string[],
  file: string | undefined,
): Promise<Rules | undefined> {
  const [now, tried] = await Promise.all([
    jsonOf(run, 'nft', ['-j', 'list', 'ruleset']),
    file === undefined ? undefined : jsonOf(run, 'unshare', ['--net', 'sh', '-c', tryFile], file),
  ]);
  if (now === undefined) return undefined;
  const entries = list(field(now, 'nftables'));
  return {
    chains: entries.flatMap(chain),
    ours: tablesOf(entries, ourTables),
    wanted: tried === undefined ? undefined : tablesOf(list(field(tried, 'nftables')), ourTables),
    bridgeRules: entries
      .filter((entry) => field(entry, 'rule', 'family') === 'bridge')
      .map((entry) => JSON.stringify(entry)),
    rewriting: await readRewriting(run, entries),
  };
}

const tryFile = 'nft -f /dev/stdin && exec nft -j list ruleset';

function chain(entry: unknown): readonly ChainFact[] {
  const hook = word(field(entry, 'chain', 'hook'));
  if (hook === undefined) return [];
  const part = (key: string): string => word(field(entry, 'chain', key)) ?? '';
  const policy = part('policy') || 'accept';
  return [{ family: part('family'), table: part('table'), name: part('name'), hook, policy }];
}

/** Without what differs at each load (handles) or grows (counters). */
function tablesOf(
  entries: readonly unknown[],
  names: readonly string[],
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const entry of entries) {
    for (const kind of ['table', 'chain', 'rule', 'set', 'map']) {
      const family = word(field(entry, kind, 'family'));
      const table = word(field(entry, kind, kind === 'table' ? 'name' : 'table'));
      const name = `${family} ${table}`;
      if (family === undefined || !names.includes(name)) continue;
      texts.set(name, `${texts.get(name) ?? ''}${JSON.stringify(entry, withoutNoise)}\n`);
    }
  }
  return texts;
}

function withoutNoise(key: string, value: unknown): unknown {
  return ['handle', 'packets', 'bytes', 'index'].includes(key) ? undefined : value;
}
