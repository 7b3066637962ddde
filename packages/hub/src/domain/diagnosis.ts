import { diagnoseCname } from './cname-diagnosis.js';
import { doubtful, notTested, ok, wrong, type Finding } from '@sixhub/base/finding';
import {
  newestSerial,
  type Contact,
  type Referral,
  type ServerSurvey,
  type Survey,
} from './survey.js';

/**
 * What a survey means for certificates of the domain; `target` undefined: it has no account here yet. `spared`:
 * authorities that take a standing record instead of the CNAME, and see it.
 */
export function diagnose(
  survey: Survey,
  target: string | undefined,
  spared: readonly string[] = [],
): readonly Finding[] {
  return [
    ...diagnoseParent(survey),
    ...survey.homeless.map((name) =>
      wrong(
        `the name server ${name} has no address`,
        `Add A and AAAA records of ${name}, or take it out of ${survey.zone}.`,
      ),
    ),
    ...survey.notFound.map(({ name, reason }) =>
      notTested(`the addresses of the name server ${name} could not be looked up: ${reason}`),
    ),
    ...survey.servers.flatMap((server) => diagnoseContact(survey.zone, server)),
    ...diagnoseSerials(survey),
    ...diagnoseCname(survey, target, spared),
    ...diagnoseCaaType(survey),
  ];
}

function diagnoseParent({ zone, parent, servers }: Survey): readonly Finding[] {
  if (parent.kind === 'unknown') {
    return [notTested(`the zone above ${zone} was not found: ${parent.reason}`)];
  }
  const silent = parent.silent.map(({ by, reason }) =>
    notTested(`${parent.zone} at ${by}: ${reason}`, 'Its other servers were asked, too.'),
  );
  const [first] = parent.referrals;
  if (first === undefined) {
    return [...silent, notTested(`no server of ${parent.zone} gave an answer about ${zone}`)];
  }
  const said = [...new Set(parent.referrals.map(({ names }) => names.join(', ')))];
  if (said.length > 1) {
    const remedy = 'A change is on its way to all of them: look again in an hour.';
    const what = `the servers of ${parent.zone} disagree about the name servers of ${zone}: ${said.map((one) => one || 'none').join(' / ')}`;
    return [...silent, doubtful(what, remedy)];
  }
  if (first.names.length === 0) {
    const what = `${parent.zone} does not delegate ${zone} to any name server`;
    return [...silent, wrong(what, `Is ${zone} still registered? See its registrar.`)];
  }
  const record = first.names.map((name) => `${zone}. IN NS ${name}.`).join('\n');
  const withoutGlue = [
    ...new Set(parent.referrals.flatMap((referral) => namesWithoutGlue(zone, referral))),
  ];
  const own = [...new Set(servers.flatMap(({ name, inZone }) => (inZone ? [name] : [])))];
  const missing = first.names.filter((name) => own.length > 0 && !own.includes(name));
  const extra = own.filter((name) => !first.names.includes(name));
  return [
    ...silent,
    ok(`${parent.zone} delegates ${zone} to ${first.names.join(', ')}`, record),
    ...withoutGlue.map((name) =>
      wrong(
        `${parent.zone} has no address for ${name}, which lies below ${zone} itself`,
        `Have the registrar of ${zone} add the addresses of ${name} (glue).`,
      ),
    ),
    ...(missing.length + extra.length === 0
      ? []
      : [
          doubtful(
            `${parent.zone} names ${first.names.join(', ')}, the zone itself ${own.toSorted().join(', ')}: some validators ask the ones, some the others`,
            `Make them the same: at the registrar of ${zone}, or its NS records.`,
          ),
        ]),
  ];
}

/** Name servers below the zone that nobody finds without an address from above. */
function namesWithoutGlue(zone: string, { names, glue, isOwnServer }: Referral): readonly string[] {
  if (isOwnServer) return [];
  return names.filter(
    (name) => name.endsWith(`.${zone}`) && !glue.some((one) => one.name === name),
  );
}

function diagnoseContact(zone: string, server: ServerSurvey): readonly Finding[] {
  const place = `${server.name} at ${server.address}`;
  const [udp, tcp] = [server.udp, server.tcp];
  if (udp.kind === 'authoritative' && tcp.kind === 'authoritative') {
    return [ok(`${place} answers for ${zone}, over UDP and TCP`)];
  }
  if (udp.kind === 'untested' && tcp.kind === 'untested') {
    return [notTested(`${place}: ${udp.reason}`, 'Authorities may well get there.')];
  }
  return (
    [
      ['UDP', udp],
      ['TCP', tcp],
    ] as const
  ).flatMap(([transport, contact]) => describeContact(zone, place, transport, contact));
}

function describeContact(
  zone: string,
  place: string,
  transport: string,
  contact: Contact,
): readonly Finding[] {
  switch (contact.kind) {
    case 'authoritative':
      return [ok(`${place} answers for ${zone} over ${transport}`)];
    case 'lame':
      return [
        wrong(
          `${place} does not answer for ${zone} over ${transport}: ${contact.says}`,
          `Have it serve ${zone}, or take it out of the NS records there and at the registrar.`,
        ),
      ];
    case 'silent':
      return [
        wrong(
          `${place} does not answer over ${transport}: ${contact.reason}`,
          `Is it running, and does a firewall let ${transport} port 53 through? If it is gone, take it out of the NS records.`,
        ),
      ];
    case 'untested':
      return [notTested(`${place} over ${transport}: ${contact.reason}`)];
    default:
      return contact satisfies never;
  }
}

function diagnoseSerials(survey: Survey): readonly Finding[] {
  const newest = newestSerial(survey);
  const behind = survey.servers.filter(({ serial }) => serial !== undefined && serial !== newest);
  if (behind.length === 0 || newest === undefined) return [];
  const who = behind.map(({ name, address, serial }) => `${name} at ${address} (${serial})`);
  return [
    doubtful(
      `an older ${survey.zone} than serial ${newest} is at ${who.join(', ')}`,
      'Right after a change this passes by itself. If it stays, zone transfers (NOTIFY, AXFR) to it do not work.',
    ),
  ];
}

function diagnoseCaaType({ servers, domain }: Survey): readonly Finding[] {
  return servers.flatMap(({ name, address, caaFault }) =>
    caaFault === undefined
      ? []
      : [
          wrong(
            `${name} at ${address} can't be asked for CAA records of ${domain}: ${caaFault}`,
            'An authority that can not read CAA issues nothing: mend or replace the name server.',
          ),
        ],
  );
}
