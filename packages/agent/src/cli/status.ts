import { createHash, X509Certificate } from 'node:crypto';
import { exitCodes, formatTable, systemClock, type ExitCode, type Terminal } from '@sixhub/base';
import { describeCertificate, namesOf, type CertificateStatus } from '../domain/status.js';
import { authoritiesIn } from '../hub/trust.js';
import { openTree } from '../live/tree.js';
import { lifetimeOf, readIdentity, type StoredIdentity } from '../state/identity-file.js';
import { withCopies } from '../run/with-copies.js';
import { stateStore } from '../state/store.js';
import { copiesOf, readMachine } from './machine.js';

interface Input {
  readonly options: { readonly config: string };
  readonly json: boolean;
}

export async function status({ options, json }: Input, terminal: Terminal): Promise<ExitCode> {
  const machine = await readMachine(options.config);
  const { state, live, services, keepings } = machine;
  const identity = await readIdentity(state);
  const store = stateStore(state);
  const known = {
    services,
    memory: await store.readMemory(),
    wanted: (await store.readManifest())?.manifest.certificates ?? [],
  };
  const tree = await openTree(live, systemClock, keepings);
  const copies = copiesOf(machine);
  const certificates: CertificateStatus[] = [];
  for (const name of namesOf(known)) {
    const installed = await withCopies(copies, name, await tree.look(name));
    certificates.push(describeCertificate(known, name, installed));
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
  /** SHA-256 of the CAs by which it knows the hub. */
  readonly authorities: readonly string[];
} {
  const { agent, hubs } = identity;
  return {
    ...{ agent, hubs, validUntil: lifetimeOf(identity).notAfter.toISOString() },
    authorities: authoritiesIn(identity.ca).map(fingerprintOfPem),
  };
}

function fingerprintOfPem(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
}

function asTable(certificates: readonly CertificateStatus[], columns: number): string {
  if (certificates.length === 0) return 'no certificates yet: the next run asks the hub';
  const rows = certificates.flatMap((each) => {
    const first = [each.name, stateOf(each), each.notAfter?.slice(0, 10) ?? '-'];
    if (each.services.length === 0) return [[...first, '-', each.why ?? each.detail]];
    const amiss = each.installed === 'whole' && each.why !== undefined ? [each.why] : [];
    return [
      ...amiss.map((why) => [...first, '-', why]),
      ...each.services.map((result) => [...first, result.service, lastSeen(result)]),
    ];
  });
  return formatTable(['certificate', 'state', 'until', 'service', 'last seen'], rows, columns);
}

function stateOf({ current, installed, why }: CertificateStatus): string {
  if (current) return why === undefined ? 'installed' : 'amiss';
  return installed === 'whole' ? 'outdated' : installed;
}

function lastSeen(result: CertificateStatus['services'][number]): string {
  if (result.state === 'unseen') return 'not looked at yet';
  const seen = `${result.state} at ${result.at.slice(0, 16)}Z`;
  return result.state === 'serving' ? seen : `${seen}: ${result.detail}`;
}
