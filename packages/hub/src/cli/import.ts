import { X509Certificate } from 'node:crypto';
import { exitCodes, usageError, type ExitCode, type Terminal } from '@sixhub/base';
import type { AccountAnswer, LineageAnswer } from '../api/import-routes.js';
import type { CertbotAccount, Lineage, Untaken } from '../certbot/lineage.js';
import { readCertbotTree } from '../certbot/tree.js';
import type { RecordView } from './answers.js';
import { connectHub, type ConnectionOptions, type HubClient } from './client.js';
import { snippet } from './records.js';

interface ImportInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions & {
    readonly 'dry-run': boolean;
    readonly lineage: readonly string[];
  };
}

interface TakenLineage {
  readonly lineage: string;
  readonly answer: LineageAnswer;
}
interface TakenAccount {
  readonly directory: string;
  readonly url: string;
  readonly answer: AccountAnswer;
}

export async function importCertbot(
  { operands, options, json }: ImportInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const tree = await readCertbotTree(operands[0] ?? '');
  const hub = await connectHub(options);
  const dryRun = options['dry-run'];
  const { chosen, untaken } = choose(tree.lineages, tree.untaken, options.lineage);
  const lineages: TakenLineage[] = [];
  for (const lineage of chosen) {
    const body = { lineage, dryRun };
    const answer = await hub.call<LineageAnswer>('POST', '/v1/import/lineages', body);
    lineages.push({ lineage: lineage.name, answer });
  }
  const accounts: TakenAccount[] = [];
  for (const account of tree.accounts) {
    accounts.push(await takeAccount(hub, account, dryRun));
  }
  const left = [
    ...untaken,
    ...lineages.flatMap(({ lineage, answer: { kind, why, hint } }) =>
      kind === 'untaken' ? [{ what: lineage, why: why ?? '', hint: hint ?? '' }] : [],
    ),
  ];
  const wanted = dryRun ? [] : await wantedRecords(hub, lineages);
  terminal.out(
    json
      ? JSON.stringify({ dryRun, lineages, accounts, untaken: left, records: wanted })
      : [
          ...lineages.filter(({ answer }) => answer.kind !== 'untaken').flatMap(toldLineage),
          ...accounts.map(toldAccount),
          ...left.flatMap(({ what, why, hint }) => [`not taken  ${what}: ${why}`, `  ${hint}`]),
          ...summary(lineages, left, dryRun),
          ...(wanted.length === 0 ? [] : ['', ...toldRecords(wanted)]),
        ].join('\n'),
  );
  if (left.length > 0) return exitCodes.failed;
  return wanted.length > 0 ? exitCodes.waiting : exitCodes.done;
}

/**
 * Those named, or all, but of several with the same names and kind of key only one: certbot calls the first as its domain,
 * and what somebody had made again beside it NAME-0001. The first, unless it has ended.
 */
function choose(
  lineages: readonly Lineage[],
  untaken: readonly Untaken[],
  named: readonly string[],
): { readonly chosen: readonly Lineage[]; readonly untaken: readonly Untaken[] } {
  if (named.length > 0) {
    const known = [...lineages.map(({ name }) => name), ...untaken.map(({ what }) => what)];
    const unknown = named.find((name) => !known.includes(name));
    if (unknown !== undefined)
      throw usageError(`there is no lineage ${unknown}`, `There are: ${known.join(', ')}`);
    return {
      chosen: lineages.filter(({ name }) => named.includes(name)),
      untaken: untaken.filter(({ what }) => named.includes(what)),
    };
  }
  const best = new Map<string, Lineage>();
  const now = Date.now();
  for (const lineage of lineages.toSorted((one, other) => one.name.length - other.name.length)) {
    const { twins, until } = look(lineage);
    const other = best.get(twins);
    const better = other === undefined || (look(other).until <= now && until > now);
    if (better) best.set(twins, lineage);
  }
  const chosen = lineages.filter((lineage) => best.get(look(lineage).twins) === lineage);
  const doubles = lineages
    .filter((lineage) => !chosen.includes(lineage))
    .map((lineage) => ({
      what: lineage.name,
      why: `it has the same names and kind of key as ${best.get(look(lineage).twins)?.name ?? ''}, which is taken`,
      hint: `If something reads live/${lineage.name}, take it as well: hub import DIR --lineage ${lineage.name}`,
    }));
  return { chosen, untaken: [...untaken, ...doubles] };
}

/** What can't be read is nobody's twin: the hub says why it is not taken. */
function look({ fullchain, name }: Lineage): { readonly twins: string; readonly until: number } {
  try {
    const { subjectAltName, publicKey, validTo } = new X509Certificate(fullchain);
    const names = (subjectAltName ?? '').split(', ').toSorted().join();
    return { twins: `${names} ${publicKey.asymmetricKeyType}`, until: Date.parse(validTo) };
  } catch {
    return { twins: name, until: 0 };
  }
}

async function takeAccount(
  hub: HubClient,
  account: CertbotAccount,
  dryRun: boolean,
): Promise<TakenAccount> {
  const { directory, url } = account;
  const body = { account, dryRun };
  const answer = await hub.call<AccountAnswer>('POST', '/v1/import/accounts', body);
  return { directory, url, answer };
}

/** Of the domains that were taken, those whose CNAME is not there. */
async function wantedRecords(
  hub: HubClient,
  lineages: readonly TakenLineage[],
): Promise<readonly RecordView[]> {
  const names = lineages.flatMap(({ answer }) => answer.names);
  if (names.length === 0) return [];
  const owners = new Set(names.map((name) => `_acme-challenge.${name.replace(/^\*\./, '')}`));
  const { records } = await hub.call<{ records: readonly RecordView[] }>('GET', '/v1/records');
  return records.filter(({ name, state }) => owners.has(name) && state !== 'there');
}

function toldLineage({ lineage, answer }: TakenLineage): readonly string[] {
  const { kind, names, keyKind, reuseKey, authority, notAfter, notes } = answer;
  const until = `until ${notAfter?.slice(0, 10) ?? ''}`;
  const key = `${keyKind ?? ''}${reuseKey ? ', keeps its key' : ''}`;
  return [
    kind === 'there'
      ? `there      ${lineage}: ${until}`
      : `taken      ${lineage}: ${names.join(' ')}, ${until}, ${key}, by ${authority ?? ''}`,
    ...notes.map((note) => `  ${note}`),
  ];
}

function toldAccount({ directory, url, answer: { kind, authority } }: TakenAccount): string {
  if (kind === 'there')
    return `there      account at ${authority ?? directory}: the hub has its own`;
  const where = authority ?? `${directory}, which hub.toml has no [[authority]] for yet`;
  return `taken      account at ${where}: ${url}`;
}

function summary(
  lineages: readonly TakenLineage[],
  left: readonly Untaken[],
  dryRun: boolean,
): readonly string[] {
  const count = (kind: LineageAnswer['kind']): number =>
    lineages.filter(({ answer }) => answer.kind === kind).length;
  const sum = `${count('taken')} certificates ${dryRun ? 'would be taken' : 'taken'}, ${count('there')} there already, ${left.length} things not taken`;
  if (dryRun) return ['', `${sum}. Nothing was changed; without --dry-run it is.`];
  return [
    '',
    `${sum}.`,
    'The hub renews them from now on. certbot does so too until its timer is stopped:',
    '  systemctl disable --now certbot.timer     (snap: snap.certbot.renew.timer; cron: /etc/cron.d/certbot)',
    'Before that, have agents serve what the hub has: hub agent add NAME --cert CERTIFICATE, then on the machine',
    'hub-agent run --adopt where live/ is certbot’s. See docs/moving-from-certbot.md.',
  ];
}

function toldRecords(wanted: readonly RecordView[]): readonly string[] {
  return [
    'For renewals these CNAMEs are wanted, once and for good; certificates are served without them until then:',
    '',
    snippet(wanted),
  ];
}
