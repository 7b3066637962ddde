import { AuthorityProblem } from '@sixhub/acme';
import { errorText, systemCode } from '@sixhub/base';
import type { Problem } from '@sixhub/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { planRetry } from '../domain/retry.js';
import { Refusal, type RefusalReason } from '../domain/refusal.js';
import type { Log } from '../ports.js';

/** Every error leaves as an RFC 9457 problem. */

export const answers: Readonly<Record<RefusalReason, { status: number; title: string }>> = {
  invalid: { status: 400, title: 'Bad Request' },
  unauthenticated: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  unknown: { status: 404, title: 'Not Found' },
  conflict: { status: 409, title: 'Conflict' },
  'too-large': { status: 413, title: 'Content Too Large' },
  unsupported: { status: 415, title: 'Unsupported Media Type' },
  unprocessable: { status: 422, title: 'Unprocessable Content' },
  'too-many': { status: 429, title: 'Too Many Requests' },
  unavailable: { status: 503, title: 'Service Unavailable' },
  upstream: { status: 502, title: 'Bad Gateway' },
  internal: { status: 500, title: 'Internal Server Error' },
};

/** What fastify refuses before there is a route: a path that is not percent-encoded UTF-8. */
export function refuseUrl(_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const problem = describe(
    new Refusal(
      'invalid',
      'bad-url',
      `the path ${request.url.slice(0, 200)} is not percent-encoded UTF-8`,
      'See /openapi.json.',
    ),
  );
  void reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem);
}

export function sendProblems(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, _request, reply) => {
    const refusal = error instanceof Refusal ? error : asRefusal(error, log);
    const problem = describe(refusal);
    if (refusal.retryAfterS !== undefined) reply.header('Retry-After', refusal.retryAfterS);
    if (refusal.reason === 'unauthenticated') reply.header('WWW-Authenticate', 'Bearer'); // RFC 9110 §15.5.2
    return reply.code(problem.status).type('application/problem+json').send(problem);
  });
  app.setNotFoundHandler((request) => {
    throw new Refusal(
      'unknown',
      'no-such-route',
      `there is no ${request.method} ${request.url}`,
      'See /openapi.json.',
    );
  });
}

/** What fastify itself refuses. */
const byStatus: Readonly<Record<number, RefusalReason>> = {
  413: 'too-large',
  415: 'unsupported',
};

function describe({ reason, code, message, hint }: Refusal): Problem {
  return { type: 'about:blank', ...answers[reason], detail: message, code, hint };
}

function asRefusal(error: unknown, log: Log): Refusal {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const said = error.validation
      .map(({ instancePath, message }) =>
        `${instancePath.replaceAll('/', '.').slice(1)} ${message ?? ''}`.trim(),
      )
      .join('; ');
    return new Refusal(
      'invalid',
      'invalid-request',
      said,
      'See /openapi.json for what this route takes.',
    );
  }
  if (error instanceof AuthorityProblem) {
    const { hint } = planRetry(error.kind, 1);
    return new Refusal('upstream', error.kind, `${error.authority}: ${error.detail}`, hint);
  }
  const database = databaseTroubles[/^SQLITE_[A-Z]+/.exec(systemCode(error) ?? '')?.[0] ?? ''];
  if (database !== undefined) {
    log.error({ error: errorText(error) }, 'a request failed');
    return new Refusal('internal', 'database', database.fact, database.hint);
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status < 500)
    return new Refusal(
      byStatus[status] ?? 'invalid',
      'bad-request',
      errorText(error),
      'See /openapi.json.',
    );
  log.error({ error: errorText(error) }, 'a request failed');
  return new Refusal(
    'internal',
    'internal',
    'the hub met an error that it does not know',
    'See the log of the hub: journalctl -u sixhub.',
  );
}

const goesOn =
  'DNS is answered and agents are served all the while; what waits goes on by itself then.';

/** Troubles of the disk that pass: the hub goes on, and has changed nothing. */
const databaseTroubles: Readonly<Record<string, { readonly fact: string; readonly hint: string }>> =
  {
    SQLITE_FULL: {
      fact: "nothing was changed: the disk that has the hub's database is full",
      hint: `Make room in the hub's state directory: df -h. ${goesOn}`,
    },
    SQLITE_BUSY: {
      fact: "nothing was changed: another process holds the hub's database locked",
      hint: `See which: fuser -v on hub.db in the state directory. ${goesOn}`,
    },
    SQLITE_READONLY: {
      fact: "nothing was changed: the hub's database can't be written",
      hint: `Was its disk remounted read-only after an error? See: dmesg, mount. ${goesOn}`,
    },
    SQLITE_IOERR: {
      fact: "nothing was changed: the disk that has the hub's database fails",
      hint: `See: dmesg. ${goesOn}`,
    },
  };
