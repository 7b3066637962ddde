import { recordType } from '../domain/codes.js';
import { ok, wrong, type Finding } from './finding.js';
import { namesUp } from './parent.js';
import type { Resolver } from './resolver.js';

/**
 * Whether the API's own certificate may be issued: the nearest name upwards with a CAA record decides (RFC 8659 §3).
 * `issuer` is the authority's name there, if it is known. For a customer's domain that domain's own CAA counts.
 */
export async function checkCaa(
  domain: string,
  issuer: string | undefined,
  resolver: Pick<Resolver, 'find'>,
): Promise<readonly Finding[]> {
  for (const name of namesUp(domain)) {
    const found = await resolver.find(name, [recordType.CAA]);
    if (found.kind === 'failed')
      return [wrong(found.reason, 'An authority that can not read CAA issues nothing.')];
    if (found.data.length > 0) return [judge(name, found.data, issuer)];
  }
  return [ok('no CAA record limits which authority may issue')];
}

function judge(name: string, data: readonly string[], issuer: string | undefined): Finding {
  const values = data.flatMap((one) => /^issue (.*)$/i.exec(one)?.[1] ?? []);
  const allowed = values.map((value) => value.split(';', 1)[0]?.trim().toLowerCase() ?? '');
  const said = `CAA at ${name}: ${values.map((value) => `issue "${value}"`).join(', ') || 'no issue property'}`;
  if (values.length === 0 || (issuer === undefined && allowed.some((one) => one !== '')))
    return ok(said);
  if (issuer !== undefined && allowed.includes(issuer)) return ok(said);
  return issuer === undefined
    ? wrong(`${said}: no authority may issue`, 'Add a CAA record that names your authority.')
    : wrong(`${said}: ${issuer} may not issue`, `Add to ${name}: CAA 0 issue "${issuer}"`);
}
