import { checkDnssec, recordType, type DsFields, type Route } from '@sixhub/acme-dns';
import { notTested, ok, type Finding } from '@sixhub/base/finding';
import type { ServerSurvey, Survey } from '../domain/survey.js';
import { asFinding } from './zone-finding.js';

export interface DnssecContext {
  readonly route: Pick<Route, 'to' | 'genuine'>;
  readonly port: number;
  readonly now: Date;
}

/** Each server of a signed zone may have signatures of its own age; one address of each name will do. */
export async function examineSignatures(
  survey: Survey,
  context: DnssecContext,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { parent, zone } = survey;
  if (parent.kind !== 'asked') return [];
  if (parent.ds === undefined) {
    return [notTested(`no server of ${parent.zone} told whether ${zone} is signed (DS)`)];
  }
  if (parent.ds.length === 0) {
    return [ok(`${parent.zone} has no DS record for ${zone}, so validators ask for no signatures`)];
  }
  const { ds } = parent;
  const answering = survey.servers.filter(({ udp }) => udp.kind === 'authoritative');
  const each = new Map(answering.map((server) => [server.name, server]));
  const found = await Promise.all(
    [...each.values()].map((server) =>
      examineServer(server, survey, { zone: parent.zone, ds }, context, signal),
    ),
  );
  return found.flat();
}

async function examineServer(
  { name, address }: ServerSurvey,
  survey: Survey,
  parent: { readonly zone: string; readonly ds: readonly DsFields[] },
  { route, port, now }: DnssecContext,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const way = await route.to(address);
  if (way.kind === 'none') return []; // told already
  const findings = await checkDnssec({
    zone: survey.zone,
    parent: parent.zone,
    ds: parent.ds,
    server: { address, port },
    who: `${name} at ${address}`,
    asked: [
      { name: survey.name, type: recordType.CNAME },
      { name: survey.domain, type: recordType.CAA },
    ],
    now,
    ask: { by: way.by, signal },
  });
  return findings.map(asFinding);
}
