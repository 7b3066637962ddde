import { problem } from '@sixhub/protocol';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';
import type { RefusalReason } from '../domain/refusal.js';
import { answers } from './problems.js';

/** What OpenAPI says of a route beyond its schemas: its name, what its caller needs, and every error it can end in. */

type Transform = typeof jsonSchemaTransform;

export const describeRoute: Transform = (given) => {
  const { route } = given;
  const { schema, url } = jsonSchemaTransform(given);
  if (schema['hide'] === true) return { schema, url };
  const method = [route.method].flat().find((one) => one !== 'HEAD') ?? 'GET';
  const { scope } = route.config ?? {};
  const { summary = 'Done' } = schema;
  const known = Object(schema['response']) as Record<string, object>;
  const [stream] = route.schema?.produces ?? [];
  const takesKey = method === 'POST' && scope !== undefined && route.config?.secret !== true;
  return {
    url,
    schema: {
      ...schema,
      operationId: operationId(method, url),
      tags: [url.split('/')[2] ?? 'hub'],
      security: scope === undefined ? [] : [{ token: [] }],
      ...(scope === undefined ? {} : { description: needs(scope, schema['description']) }),
      ...(takesKey ? { headers: idempotencyKey } : {}),
      response: {
        ...(stream === undefined
          ? {}
          : {
              200: { description: summary, content: { [stream]: { schema: { type: 'string' } } } },
            }),
        ...Object.fromEntries(
          Object.entries(known).map(([status, body]) => [status, described(status, body, summary)]),
        ),
        ...problems(method, scope !== undefined),
      },
    },
  };
};

/** No request has a body of these: their twins for input, which the library adds, describe nothing. */
export const describeSchemas: typeof jsonSchemaTransformObject = (given) => {
  const document = jsonSchemaTransformObject(given);
  if (!('components' in document)) return document; // OpenAPI 2, which this is not
  const schemas = document.components?.schemas ?? {};
  for (const name of Object.keys(schemas)) {
    if (name.endsWith('Input')) Reflect.deleteProperty(schemas, name);
  }
  return document;
};

const { $schema: _dialect, ...problemShape } = z.toJSONSchema(problem);
// The same draft (OpenAPI 3.1 is JSON Schema 2020-12), of which the two libraries have types of their own.
export const problemSchema = problemShape as OpenAPIV3_1.SchemaObject;

const idempotencyKey = {
  type: 'object',
  properties: {
    'Idempotency-Key': {
      type: 'string',
      maxLength: 255,
      description:
        'A random UUID: sent again within a day, the request is answered as the first time',
    },
  },
};

function described(status: string, body: object, summary: string): object {
  const description =
    status === '304' ? 'Nothing changed since the answer with that ETag' : summary;
  return { description, ...body };
}

function needs(scope: string, more: unknown): string {
  const by =
    scope === 'socket'
      ? "At the administrator's socket alone: no token will do."
      : `Needs a token of the scope \`${scope}\`, or a wider one.`;
  return typeof more === 'string' ? `${more} ${by}` : by;
}

/** Which refusals a route can end in, by what it is. */
function problems(method: string, guarded: boolean): Record<string, object> {
  const reasons: readonly RefusalReason[] = [
    'invalid',
    ...(guarded ? (['unauthenticated', 'forbidden'] as const) : []),
    'unknown',
    ...(method === 'GET'
      ? []
      : (['conflict', 'too-large', 'unsupported', 'unprocessable', 'upstream'] as const)),
    'too-many',
    'internal',
    'unavailable',
  ];
  return Object.fromEntries(
    reasons.map((reason) => {
      const { status, title } = answers[reason];
      const schema = { $ref: '#/components/schemas/Problem' };
      return [status, { description: title, content: { 'application/problem+json': { schema } } }];
    }),
  );
}

/** `get /v1/certificates/{name}/versions`: getCertificatesVersions; of one object: getCertificate. */
function operationId(method: string, url: string): string {
  const parts = url
    .replace(/^\/v1\//, '/')
    .split('/')
    .filter((part) => part !== '');
  const words = parts.flatMap((part, at) => {
    if (/^[:{]/.test(part)) return [];
    const one = /^[:{]/.test(parts[at + 1] ?? '')
      ? part.replace(/ies$/, 'y').replace(/s$/, '')
      : part;
    return one.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  });
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return `${method.toLowerCase()}${name}`;
}
