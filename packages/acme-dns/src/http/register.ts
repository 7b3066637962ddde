import { timingSafeEqual } from 'node:crypto';
import { Network } from '../domain/network.js';
import type { Registry } from '../registry.js';
import { json, jsonError, notFound, plain, type Answer } from './answer.js';
import { GoObject, parseJson } from './go-json.js';
import type { HttpRequest } from './http-request.js';
import type { Allowance } from './allowance.js';

export interface RegistrationPolicy {
  readonly mode: 'open' | 'guarded' | 'off';
  readonly networks: readonly Network[];
  readonly tokens: readonly string[];
  readonly allowance: Allowance;
}

/** POST /register. */
export async function register(
  request: HttpRequest,
  registry: Registry,
  policy: RegistrationPolicy,
): Promise<Answer> {
  if (policy.mode === 'off') return notFound;
  if (policy.mode === 'guarded' && !mayRegister(request, policy))
    return jsonError(403, 'forbidden');
  const wait = policy.allowance.take(request.addresses[0] ?? '');
  if (wait > 0) return plain(429, 'Too Many Requests\n', { 'Retry-After': String(wait) });
  const body = readBody(request.body);
  if (body === undefined) return jsonError(400, 'malformed_json_payload');
  const allowFrom = body.get('allowfrom') ?? [];
  if (!isTextList(allowFrom)) return jsonError(400, 'malformed_json_payload');
  if (allowFrom.some((text) => Network.parse(text) === undefined))
    return jsonError(400, 'invalid_allowfrom_cidr');
  const account = await registry.create({ allowFrom });
  // The order of the keys is part of the contract: acme.sh reads the line with sed.
  const { username, password, fulldomain, subdomain } = account;
  const allowfrom = account.allowFrom;
  return json(201, JSON.stringify({ username, password, fulldomain, subdomain, allowfrom }));
}

function readBody(text: string): GoObject | undefined {
  if (text === '') return GoObject.of(null);
  const parsed = parseJson(text);
  return parsed === undefined ? undefined : GoObject.of(parsed.value);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function mayRegister(request: HttpRequest, policy: RegistrationPolicy): boolean {
  const near = request.addresses.some((address) =>
    policy.networks.some((network) => network.contains(address)),
  );
  if (near) return true;
  const given = /^Bearer (.+)$/i.exec(request.header('authorization') ?? '')?.[1] ?? '';
  return policy.tokens.some((token) => sameText(token, given));
}

function sameText(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
