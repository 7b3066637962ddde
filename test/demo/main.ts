/**
 * `npm run demo` and `npm run demo:host`: the whole way once, on this machine alone. Real programs, on loopback addresses or in
 * network namespaces; nothing outside the lab's own directory is read or written, and nothing is left when it ends, however it
 * ends. A demonstration that takes longer than its time has failed at being one.
 */
import { exitCodes } from '@sixhub/base';
import { demonstrate } from './demonstrate.js';
import { enclosed } from './host/enclosure.js';
import { tellHostStory } from './host/story.js';
import { tellHubStory } from './hub/story.js';

const demonstrations: ReadonlyMap<string, () => Promise<number>> = new Map([
  ['hub', () => demonstrate(tellHubStory, 60_000)],
  ['host', () => enclosed(() => demonstrate(tellHostStory, 120_000))],
]);

const [name = 'hub'] = process.argv.slice(2);
process.exitCode = await (demonstrations.get(name) ?? unknown)();

async function unknown(): Promise<number> {
  const known = [...demonstrations.keys()].join(', ');
  process.stderr.write(`error: there is no demonstration '${name}'\n  Known are: ${known}.\n`);
  return exitCodes.usage;
}
