import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiTokenStore, TokenScope } from '../store/api-tokens.js';
import { Refusal } from '../domain/refusal.js';

/** What a route needs; `socket`: no token will do. */
export type Scope = TokenScope | 'socket';

/** Who asks, and what they may. The socket's file mode has already decided about who reaches it. */
export interface Access {
  /** For the audit log; throws a 401 or 403 where the caller may not. */
  actor(request: FastifyRequest, needs: Scope): Promise<string>;
}

export const socketAccess: Access = { actor: () => Promise.resolve('socket') };

/** Bearer tokens (RFC 6750), compared by their SHA-256, so that a look-up tells nothing about near misses. */
export function tokenAccess(tokens: ApiTokenStore): Access {
  return {
    async actor(request, needs) {
      const token = /^Bearer ([A-Za-z0-9_-]{20,})$/.exec(request.headers.authorization ?? '')?.[1];
      const found = token === undefined ? undefined : await tokens.find(hashToken(token));
      if (found === undefined) {
        throw new Refusal(
          'unauthenticated',
          'no-token',
          'this needs an API token',
          'Make one with `hub token add NAME` and send it as: Authorization: Bearer TOKEN',
        );
      }
      if (needs === 'socket') {
        throw new Refusal(
          'forbidden',
          'socket-only',
          'this is decided on the hub itself, not by a token',
          'Use the hub command on the hub.',
        );
      }
      if (needs === 'write' && found.scope !== 'write') {
        throw new Refusal(
          'forbidden',
          'scope',
          `the token '${found.name}' may only read`,
          'Make one with `hub token add NAME --scope write`.',
        );
      }
      return `token:${found.name}`;
    },
  };
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
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
    if (scope !== undefined) request.actor = await access.actor(request, scope);
  });
}
