import { exitCodes, nearest, SixhubError, wrap, type ExitCode, type Terminal } from '@sixhub/base';
import { sha256 } from '../config/read-estate.js';
import { addressTopics } from '../domain/explain/address.js';
import { find, wordsOf, type Topic } from '../domain/explain/topic.js';
import { topicsOf } from '../domain/explain/topics.js';
import { unknownTopics } from '../domain/explain/unknown.js';
import { render } from '../render/render.js';
import { chooseHost, readSoundEstate } from './load.js';

export async function explain(
  input: {
    readonly operands: readonly string[];
    readonly options: { readonly config: string; readonly host: string | undefined };
    readonly json: boolean;
  },
  terminal: Terminal,
): Promise<ExitCode> {
  const { config } = input.options;
  const estate = await readSoundEstate(config);
  const host = chooseHost(estate.hosts, input.options.host, undefined);
  const topics = topicsOf(host, render(host, config, sha256));
  const question = input.operands.join(' ');
  const known = find(topics, question);
  const words = wordsOf(question);
  const other = [...addressTopics(host, words), ...unknownTopics(host, words)];
  const found = (known.length > 0 ? known : other).slice(0, 4);
  if (found.length === 0) throw nothing(question, topics);
  const told = found.map(({ title, text, path }) => ({
    ...{ title, text },
    ...(path === undefined ? {} : { line: estate.lineOf(['host', host.name, ...path]) }),
  }));
  if (input.json) {
    terminal.out(JSON.stringify({ question, host: host.name, topics: told }));
    return exitCodes.done;
  }
  const width = terminal.outColumns ?? 100;
  terminal.out(
    told
      .map(({ title, text, line }) =>
        [
          title,
          ...text.map((one) => wrap(`  ${one}`, width, 2)),
          ...(line === undefined ? [] : [`  (${config}:${line})`]),
        ].join('\n'),
      )
      .join('\n\n'),
  );
  return exitCodes.done;
}

function nothing(question: string, topics: readonly Topic[]): SixhubError {
  const words = [...new Set(topics.flatMap((topic) => topic.words))];
  const meant = wordsOf(question).flatMap((word) => nearest(word, words) ?? []);
  return new SixhubError({
    code: 'nothing-known',
    fact: `host.toml has nothing to do with '${question}'`,
    hint:
      meant.length > 0
        ? `Did you mean ${meant.join(' ')}?`
        : `Ask for an address, a network, a device, a file, a VM, or a word like nat64, dns64, ra, pref64, leak, relay, firewall, dhcp, seed, raid.`,
  });
}
