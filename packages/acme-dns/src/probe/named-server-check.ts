import { recordType } from '../domain/codes.js';
import type { ListenAddress } from '../domain/listen-address.js';
import type { Response } from '../domain/response.js';
import { askBy } from './route.js';
import { ok, wrong, type Finding } from './finding.js';
import { addressesOf, addressTypes, dataOf, namesOf, type DelegationOptions } from './parent.js';
import { checkServer } from './server-check.js';

/** One name server that the parent names: its addresses, what answers there, and whether both sides say the same. */
export async function checkNamedServer(
  options: DelegationOptions,
  name: string,
  referral: Response,
): Promise<readonly Finding[]> {
  const { domain, port } = options;
  const glue = dataOf(referral.additional, name, addressTypes);
  const isBelow = name === domain || name.endsWith(`.${domain}`);
  if (isBelow && glue.length === 0)
    return [
      wrong(
        `the parent has no glue for ${name}`,
        `Add A and AAAA records of ${name} beside the NS record there.`,
      ),
    ];
  const addresses = isBelow ? glue : await lookedUp(options, name);
  if (typeof addresses === 'string')
    return [wrong(addresses, `Add A and AAAA records of ${name} where its zone is.`)];
  const found: Finding[] = [];
  let answering: ListenAddress | undefined;
  for (const address of addresses) {
    const own = await checkServer(options, { address, port }, name);
    found.push(...own);
    if (own.some(({ state }) => state === 'ok')) answering ??= { address, port };
  }
  // Where none is authoritative, or none can be asked from here, there is nothing to compare with.
  if (answering === undefined) return found;
  if (isBelow) found.push(await compareGlue(options, answering, name, glue));
  return [...found, ...(await compareNames(options, answering, namesOf(referral, domain)))];
}

async function lookedUp(
  options: DelegationOptions,
  name: string,
): Promise<readonly string[] | string> {
  const found = await addressesOf(name, options);
  return found.length === 0 ? `${name} has no address` : found;
}

/** Resolvers begin with the parent's glue, and go on with what the zone itself says (RFC 2181 §5.4.1). */
async function compareGlue(
  options: DelegationOptions,
  server: ListenAddress,
  name: string,
  glue: readonly string[],
): Promise<Finding> {
  const own: string[] = [];
  for (const type of addressTypes) {
    const answer = await askBy(options.route, server, name, type);
    if (answer.kind === 'answered') own.push(...dataOf(answer.response.answer, name, [type]));
  }
  const inZone = own.toSorted().join(', ');
  if (inZone === glue.join(', '))
    return ok(`${name}: the parent's glue and this zone say ${inZone}`);
  const lines = glue.map(
    (address) => `"${name}. ${address.includes(':') ? 'AAAA' : 'A'} ${address}"`,
  );
  return wrong(
    `${name}: the parent's glue says ${glue.join(', ')}, this zone ${inZone || 'has no address for it'}`,
    `Correct the glue, or have in ${options.settings.records}: ${lines.join(', ')}`,
  );
}

async function compareNames(
  options: DelegationOptions,
  server: ListenAddress,
  above: readonly string[],
): Promise<readonly Finding[]> {
  const { domain } = options;
  const answer = await askBy(options.route, server, domain, recordType.NS);
  if (answer.kind === 'silent') return []; // told already
  const here = dataOf(answer.response.answer, domain, [recordType.NS]);
  if (here.join() === above.join()) return [];
  return [
    wrong(
      `the parent names ${above.join(', ')}, this zone ${here.join(', ')} as name servers`,
      `Make them the same: NS records there, ${options.settings.nameServer} and NS lines of ${options.settings.records} here.`,
    ),
  ];
}
