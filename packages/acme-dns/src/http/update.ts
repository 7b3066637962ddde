import { canonicalUuid, isChallengeValue, isSubdomain } from '../domain/account.js';
import { Network } from '../domain/network.js';
import type { Registry } from '../registry.js';
import { json, jsonError, type Answer } from './answer.js';
import { GoObject, parseFirstJson } from './go-json.js';
import type { HttpRequest } from './http-request.js';

const forbidden = jsonError(401, 'forbidden');

/** POST /update. The checks come in the order that decides which error a client of the Go program sees. */
export async function update(request: HttpRequest, registry: Registry): Promise<Answer> {
  const body = GoObject.of(parseFirstJson(request.body)?.value);
  const given = body?.get('subdomain');
  if (body === undefined || typeof given !== 'string') return forbidden;
  const subdomain = given.toLowerCase();
  if (!(await mayUpdate(request, registry, subdomain))) return forbidden;
  if (!isSubdomain(subdomain)) return jsonError(400, 'bad_subdomain');
  const value = body.get('txt');
  if (typeof value !== 'string' || !isChallengeValue(value)) return jsonError(400, 'bad_txt');
  await registry.update(subdomain, value);
  return json(200, `{"txt": "${value}"}`);
}

async function mayUpdate(
  request: HttpRequest,
  registry: Registry,
  subdomain: string,
): Promise<boolean> {
  const username = request.header('x-api-user') ?? '';
  const password = request.header('x-api-key') ?? '';
  const account = registry.entry(subdomain)?.account;
  if (account === undefined) return false;
  const known = canonicalUuid(account.username) ?? account.username;
  if ((canonicalUuid(username) ?? username) !== known) return false;
  const allowed =
    account.allowFrom.length === 0 ||
    account.allowFrom.some((text) => {
      const network = Network.parse(text);
      return request.addresses.some((address) => network?.contains(address) === true);
    });
  return allowed && (await registry.passwordMatches(account, password));
}
