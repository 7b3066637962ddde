import type { Clock } from '@sixhub/base';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../domain/refusal.js';
import { tokenScope, type TokenScope } from '../store/api-tokens.js';
import type { ApiTokens } from './api-tokens.js';
import { networkOf } from './attempt-limit.js';
import type { Pace } from './pace.js';

/** What a route needs; `socket`: no token will do. */
export type Scope = TokenScope | 'socket';

/** Who asks, and what they may. The socket's file mode has already decided about who reaches it. */
export interface Access {
  /** For the audit log; throws a 401, 403 or 429 where the caller may not. */
  actor(request: FastifyRequest, needs: Scope): Promise<string>;
  /** A route that is open to everyone. */
  open(request: FastifyRequest): void;
}

export const socketAccess: Access = {
  actor: () => Promise.resolve('socket'),
  open: () => undefined,
};

/** Each scope includes those before it. */
const rank = (scope: TokenScope): number => tokenScope.options.indexOf(scope);

/** Bearer tokens (RFC 6750), each with its scope, its end and its pace. */
export function tokenAccess(tokens: ApiTokens, pace: Pace, clock: Clock): Access {
  return {
    open: (request) => pace.request(networkOf(request.ip)),
    async actor(request, needs) {
      const network = networkOf(request.ip);
      pace.mayShowToken(network);
      const token = /^Bearer ([A-Za-z0-9_-]{20,100})$/.exec(
        request.headers.authorization ?? '',
      )?.[1];
      const found = token === undefined ? undefined : await tokens.find(token);
      if (found === undefined) {
        pace.wrongToken(network);
        throw new Refusal(
          'unauthenticated',
          'no-token',
          token === undefined ? 'this needs an API token' : 'this API token is not known here',
          'Make one with `hub token add NAME` and send it as: Authorization: Bearer TOKEN',
        );
      }
      const { name, scope, expiresAt } = found;
      if (expiresAt !== undefined && expiresAt <= clock.now()) {
        throw new Refusal(
          'unauthenticated',
          'token-expired',
          `the token '${name}' ended at ${expiresAt.toISOString()}`,
          `Make a new one: hub token remove ${name}, then hub token add ${name} --scope ${scope}`,
        );
      }
      pace.request(`token:${name}`);
      if (needs === 'socket') {
        throw new Refusal(
          'forbidden',
          'socket-only',
          'this is decided on the hub itself, not by a token',
          'Use the hub command on the hub.',
        );
      }
      if (rank(scope) < rank(needs)) {
        throw new Refusal(
          'forbidden',
          'scope',
          `the token '${name}' has the scope ${scope}, and this needs ${needs}`,
          `Make one with \`hub token add NAME --scope ${needs}\`.`,
        );
      }
      if (request.method !== 'GET' && request.method !== 'HEAD') pace.change(`token:${name}`);
      return `token:${name}`;
    },
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `guard` before the route runs. */
    actor: string;
  }
  interface FastifyContextConfig {
    /** What the route needs; none: open to everyone. */
    scope?: Scope;
  }
}

export function guard(app: FastifyInstance, access: Access): void {
  app.decorateRequest('actor', '');
  app.addHook('onRequest', async (request) => {
    const { scope } = request.routeOptions.config;
    if (scope === undefined) access.open(request);
    else request.actor = await access.actor(request, scope);
  });
}
