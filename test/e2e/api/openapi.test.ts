import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import createClient from 'openapi-fetch';
import { expect, test } from 'vitest';
import { apiClient, checkoutRoot, clientWith, runTool, certificateRows } from '../../lab/index.js';
import { openHouse } from './house.js';

test('a stock generator makes a client of /openapi.json that compiles and works', async () => {
  await using house = await openHouse();
  const { hub, lab } = house;
  await hub.serve();
  await house.sql(certificateRows(3));
  const client = await apiClient(hub, 'generated', '--scope', 'write');
  const document = await client.get('/openapi.json');
  const place = lab.directory;
  await writeFile(join(place, 'openapi.json'), document.body);
  const generator = createRequire(import.meta.url).resolve('openapi-typescript');
  const command = join(generator, '../../bin/cli.js');
  await runTool('node', [command, join(place, 'openapi.json'), '-o', join(place, 'schema.ts')]);
  // Code as a user writes it: the compiler knows the paths, the fields, and the problems.
  await writeFile(join(place, 'package.json'), '{"type":"module"}');
  await writeFile(
    join(place, 'use.ts'),
    `import type { components, paths } from './schema.js';
type Certificate = components['schemas']['Certificate'];
type Listed = paths['/v1/certificates']['get']['responses']['200']['content']['application/json'];
type Wish = paths['/v1/certificates']['post']['requestBody']['content']['application/json'];
type Refused = paths['/v1/certificates/{name}']['get']['responses']['404']['content']['application/problem+json'];
export const names = (list: Listed): string[] => list.certificates.map((one: Certificate) => one.name);
export const ends = (one: Certificate): string | undefined => one.version?.notAfter;
export const hint = (problem: Refused): string => problem.hint;
export const wish: Wish = { name: 'example.org', names: ['example.org'] };
// @ts-expect-error names are needed
export const bad: Wish = { name: 'example.org' };
`,
  );
  const compiler = join(checkoutRoot, 'node_modules/@typescript/native/bin/tsc');
  const how = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--skipLibCheck',
  ];
  await runTool('node', [compiler, ...how, join(place, 'use.ts')]);

  // And at run time, by the client that belongs to the generator.
  const generated = createClient<Paths>({
    baseUrl: hub.apiUrl,
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const body: unknown = request.body === null ? undefined : await request.json();
      const answer = await client.send(request.method, `${pathname}${search}`, body);
      const { status } = answer;
      const type = answer.headers['content-type'] ?? '';
      return new Response(answer.body, { status, headers: { 'content-type': type } });
    },
  });
  const listed = await generated.GET('/v1/certificates', { params: { query: { limit: 2 } } });
  expect(listed.data?.certificates.map(({ name }) => name)).toEqual([
    'c00001.example',
    'c00002.example',
  ]);
  const missing = await generated.GET('/v1/certificates/{name}', {
    params: { path: { name: 'example.com' } },
  });
  expect(missing.error).toMatchObject({ code: 'no-certificate', status: 404 });
});

/** What the generator writes, in the part that is used here. */
interface Paths {
  '/v1/certificates': {
    get: {
      parameters: { query?: { limit?: number } };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: { 'application/json': { certificates: { name: string }[] } };
        };
      };
    };
  };
  '/v1/certificates/{name}': {
    get: {
      parameters: { path: { name: string } };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: { 'application/json': { name: string } };
        };
        404: {
          headers: Record<string, unknown>;
          content: { 'application/problem+json': { code: string; status: number } };
        };
      };
    };
  };
}

interface Operation {
  readonly operationId: string;
  readonly security: readonly unknown[];
  readonly responses: Readonly<
    Record<string, { description: string; content?: Record<string, unknown> }>
  >;
}

test('every route is described with its answers, its errors, and what its caller needs', async () => {
  await using house = await openHouse();
  await house.hub.serve();
  const anyone = await clientWith(house.hub, '');
  const { json } = await anyone.get('/openapi.json');
  const paths = json['paths'] as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method} ${path}`,
      operation,
    })),
  );
  expect(operations.length).toBeGreaterThan(25);
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { name, operation } of operations) {
    const { responses, security } = operation;
    expect(
      Object.keys(responses).some((status) => status.startsWith('2')),
      name,
    ).toBe(true);
    expect(responses['429']?.content, name).toHaveProperty(['application/problem+json']);
    expect(responses['401'] !== undefined, name).toBe(security.length > 0);
    for (const { description } of Object.values(responses))
      expect(description, name).not.toContain('Default');
  }
  // Nothing that the hub serves is left out, and it serves nothing else.
  const routes = await readFile(join(checkoutRoot, 'docs/rest.md'), 'utf8');
  for (const path of [
    '/v1/delegations',
    '/v1/deployments',
    '/v1/events',
    '/v1/audit',
    '/readyz',
    '/metrics',
  ]) {
    expect(paths).toHaveProperty([path]);
    expect(routes).toContain(`\`${path}\``);
  }
});

test('the page of /docs works without a script, and has every route', async () => {
  await using house = await openHouse();
  await house.hub.serve();
  const anyone = await clientWith(house.hub, '');
  const { json } = await anyone.get('/openapi.json');
  const page = await anyone.get('/docs');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.body).not.toMatch(/<script|src=|http:\/\//i);
  for (const path of Object.keys(json['paths'] as object))
    expect(page.body).toContain(`<code>${path}</code>`);
});
