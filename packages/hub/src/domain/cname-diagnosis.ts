import { leadsTo, sameName, type Seen } from './delegation.js';
import { doubtful, notTested, ok, wrong, type Finding } from '@sixhub/base/finding';
import { newestSerial, type Survey } from './survey.js';

/** Whether the challenge name leads here at every name server; `target` undefined: the domain has no account yet. */
export function diagnoseCname(
  survey: Survey,
  target: string | undefined,
  spared: readonly string[],
): readonly Finding[] {
  const { name, resolver, servers, wildcard } = survey;
  if (target === undefined) {
    return [
      ...trap(survey),
      notTested(
        `${survey.domain} has no account in this hub's acme-dns yet, so there is no CNAME to look for`,
        `Run: hub issue ${survey.domain}`,
      ),
    ];
  }
  const record = `${name}. 300 IN CNAME ${target}.`;
  const leads = (saw: Seen): boolean =>
    saw.kind === 'cname' &&
    (sameName(saw.target, target) || leadsTo(target, saw.target, survey.chain));
  const tested = servers.filter(({ cname }) => cname.kind !== 'untested');
  if (tested.length === 0) return [byResolverAlone(survey, record, leads(resolver))];
  const faulty = tested.filter(({ cname }) => !leads(cname));
  if (faulty.length === 0) {
    const where = tested.length === 1 ? 'the one address' : `all ${tested.length} addresses`;
    return [
      ok(`the CNAME is at ${where} of its name servers that could be asked`, record),
      ...staleResolver(survey, record, leads),
    ];
  }
  if (spared.length > 0) {
    return [
      ok(
        `no CNAME is needed at ${spared.join(', ')}, which sees a standing record (dns-persist-01)`,
      ),
    ];
  }
  const newest = newestSerial(survey);
  const someHave = faulty.length < tested.length;
  return [
    ...faulty.map(({ name: host, address, cname, serial }) => {
      const place = `${host} at ${address}`;
      const lags = someHave && serial !== undefined && serial !== newest;
      if (cname.kind === 'cname') {
        const inPlace = wildcard !== undefined && sameName(wildcard, cname.target);
        return wrong(
          inPlace
            ? `a wildcard record answers at ${place} in place of the CNAME, with ${cname.target}`
            : `the CNAME leads to ${cname.target} at ${place}`,
          inPlace ? 'Create this record itself: it wins over the wildcard.' : 'Change it to this:',
          record,
        );
      }
      return wrong(
        `the CNAME is not at ${place}${lags ? `, which still has serial ${serial} (others have ${newest})` : ''}`,
        lags ? 'Wait for it, or mend its zone transfer. It must have:' : 'Create this record:',
        record,
      );
    }),
    ...trap(survey),
  ];
}

function byResolverAlone(survey: Survey, record: string, leads: boolean): Finding {
  const { name, resolver, domain } = survey;
  if (leads) {
    return ok(`the CNAME is there, as the resolver says; no name server could be asked`, record);
  }
  const remedy = 'Create this record:';
  switch (resolver.kind) {
    case 'cname':
      return wrong(`the CNAME leads to ${resolver.target}`, 'Change it to this:', record);
    case 'nothing':
      return wrong(`the resolver finds no CNAME at ${name}`, remedy, record);
    case 'untested':
      return notTested(
        `the CNAME could not be looked up: ${resolver.reason}`,
        `Name a resolver that sees the internet in hub.toml, [resolver] servers; or vouch for the domain there: trusted = ["${domain}"].`,
      );
    default:
      return resolver satisfies never;
  }
}

/** The name servers have it, and the hub's own resolver says otherwise: old, or another view of the domain. */
function staleResolver(
  { resolver, domain }: Survey,
  record: string,
  leads: (saw: Seen) => boolean,
): readonly Finding[] {
  if (leads(resolver)) return [];
  if (resolver.kind === 'untested') {
    const remedy = 'Its name servers were asked instead. See [resolver] servers in hub.toml.';
    return [notTested(`the resolver could not look it up: ${resolver.reason}`, remedy)];
  }
  const sees = resolver.kind === 'cname' ? `sees ${resolver.target}` : 'does not see it';
  return [
    doubtful(
      `this machine's resolver ${sees}, unlike the name servers`,
      `If it stays after the record's old TTL, the resolver has a view of its own of ${domain} (split horizon): name another in hub.toml, [resolver] servers.`,
      record,
    ),
  ];
}

/** What may answer in the CNAME's place once it is missing. */
function trap({ domain, wildcard, servers, name }: Survey): readonly Finding[] {
  const found: Finding[] = [];
  if (wildcard !== undefined) {
    found.push(
      doubtful(
        `*.${domain} is a CNAME to ${wildcard}, which answers for every name that is not there`,
        'It does no harm once the record above is there.',
        `*.${domain}. IN CNAME ${wildcard}.`,
      ),
    );
  }
  const leftovers = [...new Set(servers.flatMap((server) => server.leftovers))];
  if (leftovers.length > 0) {
    found.push(
      wrong(
        `TXT records stand at ${name} itself, where the CNAME belongs; DNS allows no other record beside a CNAME`,
        'Remove them: they are left from another way of validation.',
        leftovers.map((value) => `${name}. IN TXT "${value}"`).join('\n'),
      ),
    );
  }
  return found;
}
