import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { mustBe } from './checkout.js';
import type { HubHouse } from './hub.js';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Of the body, where it is JSON; fields are looked at by the test that knows the route. */
  readonly json: Record<string, unknown>;
}

/** Speaks to a hub's REST API with one token, as a monitoring system would. */
export interface ApiClient {
  readonly token: string;
  readonly ca: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>;
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer>;
}

/** A client with a token that `hub token add` makes. */
export async function apiClient(
  hub: HubHouse,
  name: string,
  ...options: readonly string[]
): Promise<ApiClient> {
  const made = await mustBe(0, await hub.run(['token', 'add', name, ...options]));
  return clientWith(hub, made.stdout.trim());
}

export async function clientWith(hub: HubHouse, token: string): Promise<ApiClient> {
  const ca = await readFile(hub.ca, 'utf8');
  const send: ApiClient['send'] = (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const content = body === undefined ? undefined : JSON.stringify(body);
      const outgoing = request(
        `${hub.apiUrl}${path}`,
        {
          ...{ ca, method, agent: false, timeout: 20_000 },
          headers: {
            ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
            ...(content === undefined ? {} : { 'Content-Type': 'application/json' }),
            ...headers,
          },
        },
        (answer) => {
          text(answer).then((whole) => resolve(toAnswer(answer, whole)), reject);
        },
      );
      outgoing.once('timeout', () => outgoing.destroy(new Error(`${path} did not answer`)));
      outgoing.once('error', reject);
      outgoing.end(content);
    });
  return { token, ca, send, get: (path, headers) => send('GET', path, undefined, headers) };
}

function toAnswer(
  { statusCode, headers }: { statusCode?: number | undefined; headers: IncomingHttpHeaders },
  body: string,
): ApiAnswer {
  const isJson = headers['content-type']?.includes('json') === true && body !== '';
  return { status: statusCode ?? 0, headers, body, json: isJson ? JSON.parse(body) : {} };
}
