import { readFile } from 'node:fs/promises';
import { errorText } from '@sixhub/base';
import type { CertificateName, WantedCertificate } from '@sixhub/protocol';
import { certificatesOf, dnsNamesOf, notAfterOf } from '@sixhub/wire';
import type { DetectedService, DetectedUse, FileFacts, Origin } from '../domain/detected.js';
import { serviceKinds, type Service, type ServiceKind } from '../domain/service.js';
import type { LiveTree, ReadConfiguration } from '../ports.js';
import { isInstalled } from './installed.js';

export interface DetectParts {
  readonly read: ReadConfiguration;
  readonly tree: Pick<LiveTree, 'look' | 'whose'>;
  /** Those of agent.toml. */
  readonly services: readonly Service[];
  /** What the hub gave to this machine when it was asked last. */
  readonly wanted: readonly WantedCertificate[];
}

type Asked = Pick<DetectedService, 'kind' | 'name' | 'known'> & Pick<Service, 'configuration'>;

/** Every service of this machine that can be read, with the certificates that its own configuration names. */
export async function detectServices(parts: DetectParts): Promise<readonly DetectedService[]> {
  const named = parts.services
    .filter(({ kind }) => kind !== 'generic')
    .map(({ kind, name, configuration, certificates }): Asked => ({
      ...{ kind, name, configuration },
      known: certificates,
    }));
  const kinds = await Promise.all(
    serviceKinds.map(async (kind) => ({ kind, is: await isInstalled(kind) })),
  );
  // One of a kind in agent.toml may be a second one: Debian's own is looked at all the same, unless it is named.
  const others = kinds
    .filter(({ kind, is }) => is && !hasUsual(named, kind))
    .map(({ kind }): Asked => ({ kind, name: kind, configuration: undefined, known: undefined }));
  return Promise.all([...named, ...others].map((asked) => detect(parts, asked)));
}

function hasUsual(named: readonly Asked[], kind: ServiceKind): boolean {
  return named.some((one) => one.kind === kind && one.configuration === undefined);
}

async function detect(
  parts: DetectParts,
  { kind, name, configuration, known }: Asked,
): Promise<DetectedService> {
  const reading = await parts.read({ kind, configuration });
  if (reading.kind === 'unread') return { kind, name, known, found: reading };
  const uses = reading.uses.map(async (use): Promise<DetectedUse> => {
    const { certificate: file, endpoint, servername, where } = use;
    const facts = await factsOf(file);
    return { file, where, endpoint, servername, facts, origin: await originOf(parts, file, facts) };
  });
  return { kind, name, known, found: { kind: 'uses', uses: await Promise.all(uses) } };
}

async function factsOf(file: string): Promise<FileFacts> {
  try {
    const [leaf] = certificatesOf(await readFile(file, 'utf8'));
    if (leaf === undefined) return { kind: 'unreadable', why: 'there is no certificate in it' };
    return { kind: 'certificate', names: dnsNamesOf(leaf), notAfter: notAfterOf(leaf) };
  } catch (error) {
    return { kind: 'unreadable', why: errorText(error) };
  }
}

async function originOf(
  { tree, wanted }: DetectParts,
  file: string,
  facts: FileFacts,
): Promise<Origin> {
  const kept = await tree.whose(file);
  if (kept === undefined) return { kind: 'elsewhere', better: betterFor(facts, wanted) };
  const { certificate } = kept;
  if (kept.kind === 'pinned') return { kind: 'elsewhere', better: certificate };
  const installed = await tree.look(certificate);
  return installed.kind === 'foreign'
    ? { kind: 'foreign', certificate, why: installed.why }
    : { kind: 'ours', certificate };
}

function betterFor(
  facts: FileFacts,
  wanted: readonly WantedCertificate[],
): CertificateName | undefined {
  if (facts.kind === 'unreadable' || facts.names.length === 0) return undefined;
  return wanted.find(({ names }) => facts.names.every((name) => names.includes(name)))?.name;
}
