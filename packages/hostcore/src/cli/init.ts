import { randomBytes } from 'node:crypto';
import { exitCodes, SixhubError, wrap, type ExitCode, type Terminal } from '@sixhub/base';
import { readEstate } from '../config/read-estate.js';
import { adoptFrom, notTaken, tell } from './adopt.js';
import { openAsker, type Asker } from './ask.js';
import { askLinks, askMachines } from './ask-machines.js';
import { Draft } from './draft.js';
import { refuseUnlessFree, writeDescription } from './description-file.js';
import { lookedAt } from './looked.js';

interface Options {
  readonly config: string;
  readonly root: string;
  readonly 'files-only': boolean;
  readonly force: boolean;
}

/** What is asked for, and where the answer goes; the defaults are what the machine has. */
const questions: readonly (readonly [
  table: string,
  key: string,
  question: string,
  kind?: 'list',
])[] = [
  ['', 'domain', 'Domain of the host and its VMs (empty: none)'],
  ['', 'release', 'Release: debian12, debian13, ubuntu22.04 or ubuntu24.04'],
  ['uplink', 'device', 'Card towards the provider'],
  ['uplink', 'mac', 'Its MAC address'],
  ['uplink', 'mode', 'How IPv6 is delivered: routed-link-local, bridged, on-link or routed-prefix'],
  ['ipv6', 'network', 'IPv6 network from the provider, like 2a01:4f8:1:3::/64'],
  ['ipv6', 'address', 'IPv6 address of the host in it, or random'],
  ['ipv6', 'gateway', 'IPv6 router of the provider'],
  ['ipv4', 'address', 'IPv4 address of the host (empty: none)'],
  ['ipv4', 'gateway', 'IPv4 router of the provider'],
  ['', 'resolvers', "The provider's name servers, with commas", 'list'],
];

const usual: Readonly<Record<string, string>> = {
  'uplink.mode': 'routed-link-local',
  'ipv6.address': 'random',
  'ipv6.gateway': 'fe80::1',
};

export async function initHost(
  input: { readonly options: Options; readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { config, root, force } = input.options;
  await refuseUnlessFree(config, force, 'Edit it; or --force asks anew, and replaces it.');
  const look = { root, kernel: !input.options['files-only'] };
  const seen = await findings(root, look.kernel);
  const limits = lookedAt(look, seen === undefined ? look.kernel : seen.kernel !== undefined);
  if (limits !== undefined) terminal.err(wrap(limits, terminal.errColumns ?? 100, 2));
  const draft = new Draft(seen?.found.name ?? 'host', seen?.found.sections ?? []);
  using asker = openAsker(terminal, input.json);
  for (const [table, key, question, kind] of questions) {
    if (key === 'gateway' && table === 'ipv4' && draft.get('ipv4', 'address') === '') continue;
    await askOne(asker, draft, { table, key, question, isList: kind === 'list' });
  }
  await askServices(asker, draft);
  await askMachines(asker, draft);
  await askLinks(asker, draft);
  if (draft.get('ipv6', 'address') === 'random' && draft.get('ipv6', 'seed') === '') {
    draft.set('ipv6', 'seed', randomBytes(16).toString('hex'));
  }
  const toml = draft.toml();
  const { complaints } = readEstate(config, toml);
  await writeDescription(config, toml);
  const unread = seen === undefined ? [] : notTaken(seen.found, toml, seen.machine, seen.kernel);
  if (input.json) terminal.out(JSON.stringify({ config, toml, unread, complaints }));
  else {
    terminal.out(`Wrote ${config}. \`hostcore lint\` and \`hostcore plan\` come next.`);
    tell({ assumed: [] }, unread, terminal);
  }
  for (const { line, text, remedy } of complaints) {
    terminal.err(`to be corrected, line ${line}: ${text}. ${remedy}`);
  }
  return complaints.length > 0 ? exitCodes.waiting : exitCodes.done;
}

async function findings(
  root: string,
  withKernel: boolean,
): Promise<Awaited<ReturnType<typeof adoptFrom>> | undefined> {
  try {
    return await adoptFrom(root, withKernel);
  } catch (error) {
    // A machine without any network yet: every answer is the person's.
    if (!(error instanceof SixhubError) || error.code !== 'nothing-to-adopt') throw error;
    return undefined;
  }
}

interface Question {
  readonly table: string;
  readonly key: string;
  readonly question: string;
  readonly isList: boolean;
}

/** Asked again while host.toml complains of this key, and of nothing that was not asked for yet. */
async function askOne(
  asker: Asker,
  draft: Draft,
  { table, key, question, isList }: Question,
): Promise<void> {
  const path = table === '' ? key : `${table}.${key}`;
  for (let tries = 0; tries < 3; tries++) {
    const answer = await asker.ask(question, draft.get(table, key) || (usual[path] ?? ''));
    const value = isList ? answer.split(/[\s,]+/).filter(Boolean) : answer;
    draft.set(table, key, value.length === 0 ? undefined : value);
    const said = draft.complaintsOf(path);
    if (said.length === 0) return;
    process.stderr.write(`  ${said.join('\n  ')}\n`);
  }
}

async function askServices(asker: Asker, draft: Draft): Promise<void> {
  const has4 = draft.get('ipv4', 'address') !== '';
  const nat64 =
    has4 &&
    /^y/i.test(await asker.ask('NAT64, so that VMs with IPv6 alone reach IPv4: yes or no', 'yes'));
  draft.enable('nat64', nat64);
  const dns64 = nat64
    ? await asker.ask('DNS64: bind, unbound or none', draft.get('dns64', 'engine') || 'bind')
    : 'none';
  draft.enable('dns64', dns64 !== 'none');
  if (dns64 !== 'none') draft.set('dns64', 'engine', dns64);
  const ra = await asker.ask(
    'Router advertisements: radvd, networkd or none',
    draft.get('ra', 'engine') || 'radvd',
  );
  draft.enable('ra', ra !== 'none');
  if (ra !== 'none') draft.set('ra', 'engine', ra);
}
