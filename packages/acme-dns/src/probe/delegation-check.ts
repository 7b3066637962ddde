import { recordType } from '../domain/codes.js';
import { listenText } from '../domain/listen-address.js';
import type { Response } from '../domain/response.js';
import { askBy } from './route.js';
import { notTested, ok, wrong, type Finding } from './finding.js';
import { checkNamedServer } from './named-server-check.js';
import { findParent, namesOf, type DelegationOptions, type Parent } from './parent.js';

/** The parent's own servers, found through the resolver, tell what the world is told about the zone. */
export async function checkDelegation(options: DelegationOptions): Promise<readonly Finding[]> {
  const { domain } = options;
  const parent = await findParent(options);
  if (typeof parent === 'string')
    return [wrong(parent, 'Does this machine reach the internet, and is the domain registered?')];
  const found: Finding[] = [];
  const referrals: Response[] = [];
  let asked = 0;
  for (const server of parent.servers) {
    const answer = await askBy(options.route, server, domain, recordType.NS);
    if (answer.kind === 'answered') referrals.push(answer.response);
    else {
      const what = `${parent.zone} at ${listenText(server)}: ${answer.reason}`;
      found.push(notTested(what, 'Nothing to change here; its other servers are asked, too.'));
    }
    if (answer.kind === 'answered' || !answer.noRoute) asked++;
  }
  if (asked === 0)
    return [
      ...found,
      notTested(
        `${parent.zone}: this machine reaches none of its servers, so that what it says about ${domain} is not known`,
        'Look from a machine with IPv4, or have this one use a resolver with DNS64 (RFC 7050).',
      ),
    ];
  const [first] = referrals;
  if (first === undefined)
    return [
      ...found,
      wrong(`no server of ${parent.zone} answers`, 'Try again later, or from another machine.'),
    ];
  found.push(...judgeNames(options, parent, referrals), ...(await checkSigned(options, parent)));
  for (const name of namesOf(first, domain))
    found.push(...(await checkNamedServer(options, name, first)));
  return found;
}

function judgeNames(
  { domain, nameServer, settings }: DelegationOptions,
  { zone }: Parent,
  referrals: readonly Response[],
): readonly Finding[] {
  const own = nameServer.toLowerCase().replace(/\.$/, '');
  const said = [...new Set(referrals.map((response) => namesOf(response, domain).join(', ')))];
  const names = said[0] ?? '';
  if (said.length > 1)
    return [
      wrong(
        `the servers of ${zone} disagree about ${domain}: ${said.map((one) => one || 'nothing').join(' / ')}`,
        'A change is on its way to all of them, or one does not take changes: look again in some minutes.',
      ),
    ];
  if (names === '')
    return [
      wrong(
        `${zone} delegates no zone ${domain}`,
        `Add to the zone ${zone}:\n${domain}. NS ${own}.\nand, if ${own} is below it, its A and AAAA records.`,
      ),
    ];
  if (!names.split(', ').includes(own))
    return [
      wrong(
        `${zone} delegates to ${names}, the configuration says ${own}`,
        `Change the NS record in ${zone}, or ${settings.nameServer}.`,
      ),
    ];
  return [ok(`${zone} delegates to ${names}`)];
}

/** This server does not sign: with a DS record above, validating resolvers take no answer of it (RFC 4035 §5.2). */
async function checkSigned(
  { domain, route }: DelegationOptions,
  { zone, servers }: Parent,
): Promise<readonly Finding[]> {
  for (const server of servers) {
    const answer = await askBy(route, server, domain, recordType.DS);
    if (answer.kind === 'silent') continue;
    const signed = answer.response.answer.some(({ type }) => type === recordType.DS);
    return signed
      ? [
          wrong(
            `${zone} has a DS record for ${domain}, and this zone is not signed`,
            `Remove the DS record from ${zone}.`,
          ),
        ]
      : [ok(`${zone} has no DS record for ${domain}, which is not signed`)];
  }
  return [];
}
