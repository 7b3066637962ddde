import {
  exitCodes,
  formatDuration,
  Stopped,
  usageError,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import type { Started } from './answers.js';
import { challengeDomain, parseDnsName, wildcardOf, type DnsName } from '../domain/dns-name.js';
import { connectHub, type ConnectionOptions, type HubClient } from './client.js';
import { followIssuance, type Ending } from './follow-issuance.js';
import { awaitDeployed } from './await-deployed.js';

export interface Waits extends ConnectionOptions {
  readonly 'wait-delegation': number;
  readonly 'wait-deployed': number | undefined;
}

interface IssueInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: Waits & {
    readonly name: readonly string[];
    readonly 'no-wildcard': boolean;
    readonly key: string | undefined;
    readonly 'reuse-key': boolean;
    readonly 'new-key': boolean;
  };
}

export async function issue(
  { operands, options, json }: IssueInput,
  terminal: Terminal,
): Promise<ExitCode> {
  if (operands.length > 1 && options.name.length > 0) {
    throw usageError(
      'hub issue: --name with several domains',
      'Several domains make a certificate each; --name adds to a single one.',
    );
  }
  if (options['reuse-key'] && options['new-key']) {
    throw usageError('hub issue: --reuse-key and --new-key', 'A renewal does one or the other.');
  }
  const kinds = lineages(options.key);
  const hub = await connectHub(options);
  const wanted = operands.flatMap((domain) => kinds.map((kind) => ({ domain, ...kind })));
  const endings = await Promise.all(
    wanted.map(async ({ domain, key, suffix }) => {
      const asked = readDomain(domain);
      const name = `${challengeDomain(asked)}${suffix}`;
      const own = options['no-wildcard'] ? [asked] : [...new Set([asked, wildcardOf(asked)])];
      const started = await hub.call<Started>('POST', '/v1/certificates', {
        name,
        names: [...own, ...options.name.map(readDomain)],
        ...(key === undefined ? {} : { key }),
        ...(options['reuse-key'] || options['new-key'] ? { reuseKey: options['reuse-key'] } : {}),
      });
      return conclude({ name, hub, options, json }, started, terminal);
    }),
  );
  return worst(endings);
}

/**
 * Two kinds of key make two certificates of the same names, NAME and NAME-rsa or NAME-ecdsa: each has its versions,
 * renewals and files, and a service that can serve both is given both.
 */
function lineages(
  key: string | undefined,
): readonly { readonly key: string | undefined; readonly suffix: string }[] {
  const [first, second, ...more] = key?.split(',') ?? [];
  if (second === undefined) return [{ key: first, suffix: '' }];
  const isRsa = (kind: string | undefined): boolean => kind?.startsWith('rsa') === true;
  if (more.length > 0 || isRsa(first) === isRsa(second)) {
    throw usageError(
      `hub issue: --key ${key}`,
      'Two kinds are an RSA one and another: --key p256,rsa2048. Servers choose by what a client knows.',
    );
  }
  return [
    { key: first, suffix: '' },
    { key: second, suffix: isRsa(second) ? '-rsa' : '-ecdsa' },
  ];
}

function readDomain(text: string): DnsName {
  const parsed = parseDnsName(text);
  if (parsed.kind === 'name') return parsed.name;
  throw usageError(
    `'${text}' is not a domain name: ${parsed.reason}`,
    'Give a domain like example.org; its wildcard comes with it.',
  );
}

export async function renew(
  input: { readonly operands: readonly string[]; readonly json: boolean; readonly options: Waits },
  terminal: Terminal,
): Promise<ExitCode> {
  const name = input.operands[0] ?? '';
  const hub = await connectHub(input.options);
  const started = await hub.call<Started>(
    'POST',
    `/v1/certificates/${encodeURIComponent(name)}/renew`,
  );
  return conclude({ name, hub, options: input.options, json: input.json }, started, terminal);
}

interface Wanted {
  readonly name: string;
  readonly hub: HubClient;
  readonly options: Waits;
  readonly json: boolean;
}

export async function conclude(
  { name, hub, options, json }: Wanted,
  started: Started,
  terminal: Terminal,
): Promise<ExitCode> {
  if (started.issuance === null) {
    const fact = `${name} has a valid certificate already`;
    if (json) terminal.out(JSON.stringify({ kind: 'unchanged', certificate: name }));
    else
      terminal.out(
        `${fact}; \`hub show ${name}\` shows it, \`hub renew ${name}\` makes a new version`,
      );
    return exitCodes.done;
  }
  if (started.joined && !json) terminal.err(`${name}: joining the issuance that is running`);
  try {
    const ending = await followIssuance(
      hub,
      { issuance: started.issuance, askedAt: started.askedAt },
      options['wait-delegation'],
      json,
      terminal,
    );
    if (ending.kind !== 'stored') return unfinished(name, ending, json, terminal);
    if (options['wait-deployed'] === undefined) return exitCodes.done;
    const wanted = { name, version: ending.version, waitMs: options['wait-deployed'], json };
    return await awaitDeployed(hub, wanted, terminal);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    terminal.err(
      `\n${name}: the issuance goes on; \`hub issue\` joins it, \`hub show ${name}\` tells`,
    );
    return exitCodes.waiting;
  }
}

function unfinished(
  name: string,
  ending: Exclude<Ending, { kind: 'stored' }>,
  json: boolean,
  terminal: Terminal,
): ExitCode {
  switch (ending.kind) {
    case 'waiting':
      if (!json) {
        terminal.err(
          `${name}: still no record. Nothing is lost: the issuance goes on by itself when it appears.`,
        );
      }
      return exitCodes.waiting;
    case 'problem': {
      if (!json) {
        const next =
          ending.retryAt === null
            ? `The hub does not try again by itself. When that is done: hub issue ${name}`
            : `The hub tries again by itself at ${ending.retryAt} (in ${formatDuration(Math.max(1_000, Date.parse(ending.retryAt) - Date.now()))}).`;
        terminal.err(
          `error: ${name}: ${ending.fact}\n  ${ending.hint}\n  ${next}\n  More: docs/problems.md, ${ending.problem}`,
        );
      }
      return ending.problem === 'unreachable' ? exitCodes.unreachable : exitCodes.failed;
    }
    case 'cut':
      if (!json) {
        terminal.err(`${name}: the hub stopped; it takes the issuance up when it runs again`);
      }
      return exitCodes.unreachable;
    default:
      return ending satisfies never;
  }
}

export function worst(codes: readonly ExitCode[]): ExitCode {
  const order: readonly ExitCode[] = [
    exitCodes.failed,
    exitCodes.unreachable,
    exitCodes.waiting,
    exitCodes.usage,
  ];
  return order.find((code) => codes.includes(code)) ?? exitCodes.done;
}
