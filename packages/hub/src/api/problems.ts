import type { Problem } from '@sixhub/protocol';
import type { FastifyInstance } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { errorText } from '@sixhub/base';
import type { Log } from '../ports.js';

/** A refusal that a route throws; it is sent as an RFC 9457 problem. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly problem: Problem;
  constructor(status: number, code: string, detail: string, hint: string) {
    super(detail);
    this.problem = {
      type: 'about:blank',
      title: titles[status] ?? 'Error',
      status,
      detail,
      code,
      hint,
    };
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

export function sendProblems(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, _request, reply) => {
    const { problem } = error instanceof Refusal ? error : asRefusal(error, log);
    return reply.code(problem.status).type('application/problem+json').send(problem);
  });
  app.setNotFoundHandler((request) => {
    throw new Refusal(
      404,
      'no-such-route',
      `there is no ${request.method} ${request.url}`,
      'See /openapi.json.',
    );
  });
}

function asRefusal(error: unknown, log: Log): Refusal {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const said = error.validation
      .map(({ instancePath, message }) =>
        `${instancePath.replaceAll('/', '.').slice(1)} ${message ?? ''}`.trim(),
      )
      .join('; ');
    return new Refusal(
      400,
      'invalid-request',
      said,
      'See /openapi.json for what this route takes.',
    );
  }
  const status =
    error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
      ? error.statusCode
      : 500;
  if (status < 500)
    return new Refusal(status, 'bad-request', errorText(error), 'See /openapi.json.');
  log.error({ error: errorText(error) }, 'a request failed');
  return new Refusal(
    500,
    'internal',
    'the hub met an error that it does not know',
    'See the log of the hub: journalctl -u sixhub.',
  );
}
