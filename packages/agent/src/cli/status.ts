import { exitCodes, formatTable, systemClock, type ExitCode, type Terminal } from '@sixhub/base';
import type { CertificateName, ServiceResult } from '@sixhub/protocol';
import type { Service } from '../domain/service.js';
import type { Installed } from '../domain/version.js';
import { openTree } from '../live/tree.js';
import { lifetimeOf, readIdentity, type StoredIdentity } from '../state/identity-file.js';
import { stateStore } from '../state/store.js';
import { readMachine } from './machine.js';

interface Input {
  readonly options: { readonly config: string };
  readonly json: boolean;
}

interface CertificateStatus {
  readonly name: CertificateName;
  readonly installed: Installed['kind'];
  readonly why?: string;
  readonly fingerprint?: string;
  readonly notAfter?: string;
  /** The version that the hub wanted at the last run. */
  readonly wanted?: string;
  readonly current: boolean;
  readonly detail: string;
  readonly retryAt?: string;
  readonly services: readonly (
    ServiceResult | { readonly service: string; readonly state: 'unseen' }
  )[];
}

export async function status({ options, json }: Input, terminal: Terminal): Promise<ExitCode> {
  const { state, live, services } = await readMachine(options.config);
  const identity = await readIdentity(state);
  const store = stateStore(state);
  const memory = await store.readMemory();
  const manifest = (await store.readManifest())?.manifest;
  const tree = await openTree(live, systemClock);
  const names = new Set<CertificateName>([
    ...(manifest?.certificates ?? []).map(({ name }) => name),
    ...services.flatMap(({ certificates }) => certificates),
  ]);
  const certificates: CertificateStatus[] = [];
  for (const name of names) {
    const installed = await tree.look(name);
    const wanted = manifest?.certificates.find((each) => each.name === name);
    const last = memory[name];
    certificates.push({
      name,
      installed: installed.kind,
      ...describeInstalled(installed),
      ...(wanted === undefined ? {} : { wanted: wanted.version }),
      current: installed.kind === 'whole' && installed.version.fingerprint === wanted?.fingerprint,
      detail:
        last?.detail ?? (wanted === undefined ? 'the hub does not give it to this machine' : ''),
      ...(last?.retryAt === undefined ? {} : { retryAt: last.retryAt }),
      services: servicesOf(name, services).map(
        ({ name: service }) =>
          last?.services.find((result) => result.service === service) ?? {
            service,
            state: 'unseen',
          },
      ),
    });
  }
  const me = identity === undefined ? undefined : describeIdentity(identity);
  terminal.out(
    json
      ? JSON.stringify({ identity: me ?? null, certificates })
      : [
          me === undefined
            ? 'not enrolled at a hub yet: hub-agent enroll'
            : `${me.agent} at ${me.hubs.join(', ')}, client certificate valid until ${me.validUntil}`,
          '',
          asTable(certificates, terminal.columns),
        ].join('\n'),
  );
  return exitCodes.done;
}

function describeIdentity(identity: StoredIdentity): {
  readonly agent: string;
  readonly hubs: readonly string[];
  readonly validUntil: string;
} {
  const { agent, hubs } = identity;
  return { agent, hubs, validUntil: lifetimeOf(identity).notAfter.toISOString() };
}

function describeInstalled(
  installed: Installed,
): Pick<CertificateStatus, 'why' | 'fingerprint' | 'notAfter'> {
  switch (installed.kind) {
    case 'absent':
      return {};
    case 'whole': {
      const { fingerprint, notAfter } = installed.version;
      return { fingerprint, notAfter: notAfter.toISOString() };
    }
    case 'damaged':
    case 'foreign':
      return { why: installed.why };
    default:
      return installed satisfies never;
  }
}

function servicesOf(name: CertificateName, services: readonly Service[]): readonly Service[] {
  return services.filter(({ certificates }) => certificates.includes(name));
}

function asTable(certificates: readonly CertificateStatus[], columns: number): string {
  if (certificates.length === 0) return 'no certificates yet: the next run asks the hub';
  const rows = certificates.flatMap((each) => {
    const until = each.notAfter?.slice(0, 10) ?? '-';
    const state = each.current
      ? 'installed'
      : each.installed === 'whole'
        ? 'outdated'
        : each.installed;
    const words = each.why ?? each.detail;
    const first = [each.name, state, until];
    if (each.services.length === 0) return [[...first, '-', words]];
    return each.services.map((result) => [
      ...first,
      result.service,
      result.state === 'unseen'
        ? 'not looked at yet'
        : `${result.state} at ${result.at.slice(0, 16)}Z${result.state === 'serving' ? '' : `: ${result.detail}`}`,
    ]);
  });
  return formatTable(['certificate', 'state', 'until', 'service', 'last seen'], rows, columns);
}
