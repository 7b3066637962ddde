import { join, resolve } from 'node:path';
import { programFailure } from '@sixhub/base';
import type { Endpoint } from '@sixhub/wire';
import type { Argv } from '../../domain/service.js';
import type { Reading, Use } from '../../domain/use.js';
import { inOneLine } from '../own-words.js';
import type { ReaderParts } from '../reader-parts.js';
import {
  lastOfEachKind,
  shownOfCertificate,
  shownOfChain,
  type NamedFile,
  type Shown,
} from '../served-files.js';
import { listenersOf } from './listeners.js';
import { parseMaster, type MasterService } from './master-service.js';
import { parseSniMaps, parseSniSource, type SniEntry, type SniMap } from './sni-map.js';
import {
  parseParameters,
  sourcesOf,
  tlsModeOf,
  tlsParameters,
  type Parameters,
} from './tls-parameters.js';

/** A certificate with the name that it is asked by, and where that is written. */
type Named = Pick<Use, 'certificate' | 'servername' | 'where'>;

/**
 * Postfix by its own postconf(1): the services of master.cf, and for each smtpd the parameters as it sees them. Not
 * told: listeners behind a PROXY protocol, which show nothing to who comes directly.
 */
export async function readPostfix(
  parts: ReaderParts,
  configuration: string | undefined,
): Promise<Reading> {
  const directory = configuration === undefined ? [] : ['-c', configuration];
  const reader = { parts, directory, mainCf: join(configuration ?? '/etc/postfix', 'main.cf') };
  const master = await postconf(reader, ['-M']);
  if (master.kind === 'failed') return { kind: 'unread', why: master.why };
  const services = parseMaster(master.text);
  const main = await postconf(reader, ['-x', ...masterParameters]);
  if (main.kind === 'failed') return { kind: 'unread', why: main.why };
  const own = parseParameters(main.text);
  const listeners = await listenersOf(parts, services, {
    inetInterfaces: own.get('inet_interfaces') ?? '',
    inetProtocols: own.get('inet_protocols') ?? '',
    disabled: own.get('master_service_disable') ?? '',
    smtpdServiceName: own.get('smtpd_service_name') ?? '',
  });
  const uses: Use[] = [];
  const tables = new Set<string>();
  for (const { service, smtpd, hosts, port } of listeners) {
    const answer = await postconf(reader, ['-x', ...overridesOf(smtpd), ...tlsParameters]);
    if (answer.kind === 'failed') return { kind: 'unread', why: answer.why };
    const parameters = parseParameters(answer.text);
    const protocol = tlsModeOf(parameters);
    if (protocol === undefined || isBehindProxy(service, parameters, own)) continue;
    const named = [
      ...(await defaultsOf(reader, smtpd, parameters)),
      ...(await namesOf(parts, parameters, tables)),
    ];
    for (const host of hosts) {
      const endpoint: Endpoint = { protocol, host, port };
      uses.push(...named.map((one) => ({ ...one, endpoint })));
    }
  }
  const prepare = [...tables].map((table): Argv => ['postmap', ...directory, '-F', table]);
  return { kind: 'read', uses, prepare };
}

interface Reader {
  readonly parts: ReaderParts;
  readonly directory: readonly string[];
  readonly mainCf: string;
}

type Answer =
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

const masterParameters = [
  'inet_interfaces',
  'inet_protocols',
  'master_service_disable',
  'smtpd_service_name',
  'postscreen_upstream_proxy_protocol',
] as const;

async function postconf(reader: Reader, args: readonly string[]): Promise<Answer> {
  const result = await reader.parts.run('postconf', [...reader.directory, ...args]);
  const failure = programFailure(result);
  if (result.kind === 'exited' && failure === undefined)
    return { kind: 'told', text: result.stdout };
  return { kind: 'failed', why: inOneLine(failure ?? '') };
}

/** postconf(1), `-o name=value`: "the effect changing a parameter would have when it is used in other parameters". */
function overridesOf({ overrides }: MasterService): readonly string[] {
  return overrides.flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** What a postscreen says of its own listener is not its smtpd's to say. */
function isBehindProxy(service: MasterService, smtpd: Parameters, main: Parameters): boolean {
  if (service.program === 'smtpd') return (smtpd.get('smtpd_upstream_proxy_protocol') ?? '') !== '';
  const parameter = 'postscreen_upstream_proxy_protocol';
  const override = service.overrides.findLast(([name]) => name === parameter);
  return (override?.[1] ?? main.get(parameter) ?? '') !== '';
}

/** Shown whatever name is asked for, unless a map has it. */
async function defaultsOf(
  { parts, mainCf }: Reader,
  smtpd: MasterService,
  parameters: Parameters,
): Promise<readonly Named[]> {
  const shown: (Shown & { readonly parameter: string })[] = [];
  for (const source of sourcesOf(parameters)) {
    const { parameter } = source;
    const files =
      source.kind === 'chain'
        ? shownOfChain(await readAll(parts, parameters, source.files))
        : (await readAll(parts, parameters, [source.file])).map(shownOfCertificate);
    shown.push(...files.map((one) => ({ ...one, parameter })));
  }
  return lastOfEachKind(shown).map(({ path, parameter }) => ({
    certificate: path,
    servername: undefined,
    where: smtpd.overrides.some(([name]) => name === parameter)
      ? `${mainCf.replace(/main\.cf$/, 'master.cf')}: ${smtpd.name}/${smtpd.type}, ${parameter}`
      : `${mainCf}: ${parameter}`,
  }));
}

/** Ends at the first table that can't be read: it may answer for any name that a later one has. */
async function namesOf(
  parts: ReaderParts,
  parameters: Parameters,
  tables: Set<string>,
): Promise<readonly Named[]> {
  const named: Named[] = [];
  const taken = new Set<string>();
  for (const map of parseSniMaps(parameters.get('tls_server_sni_maps') ?? '')) {
    const entries = await entriesOf(parts, map);
    if (entries === undefined) break;
    if (map.kind === 'compiled') tables.add(map.table);
    const place = map.kind === 'inline' ? 'main.cf: tls_server_sni_maps' : map.table;
    for (const { name, files, line } of entries) {
      if (taken.has(name)) continue;
      taken.add(name);
      const shown = lastOfEachKind(shownOfChain(await readAll(parts, parameters, files)));
      const where = line === undefined ? place : `${place.replace(/^[a-z]+:/, '')}:${line}`;
      named.push(...shown.map(({ path }) => ({ certificate: path, servername: name, where })));
    }
  }
  return named;
}

async function entriesOf(
  { files }: ReaderParts,
  map: SniMap,
): Promise<readonly SniEntry[] | undefined> {
  switch (map.kind) {
    case 'inline':
      return map.entries;
    case 'text':
    case 'compiled': {
      const text = await files.read(map.source).catch(() => undefined); // only its compiled form is there
      return text === undefined ? undefined : parseSniSource(text);
    }
    case 'unknown':
      return undefined;
    default:
      return map satisfies never;
  }
}

/** smtpd works in the queue directory, from where relative paths lead. */
function readAll(
  { files }: ReaderParts,
  parameters: Parameters,
  paths: readonly string[],
): Promise<readonly NamedFile[]> {
  const base = parameters.get('queue_directory') ?? '/';
  return Promise.all(
    paths.map(async (named) => {
      const path = resolve(base, named);
      return { path, text: await files.read(path).catch(() => undefined) };
    }),
  );
}
