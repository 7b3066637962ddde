import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { IncomingHttpHeaders } from 'node:http';
import type { AgentHouse, HubHouse } from '../../lab/index.js';

export interface AgentAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** From the moment when it was asked. */
  readonly afterMs: number;
}

/** Requests as an enrolled agent sends them, with its identity, each over a connection of its own. */
export interface AgentRequests {
  send(
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<AgentAnswer>;
  /** Asks for the manifest, to be held while it is the one with this tag. */
  hold(etag: string, seconds: number): Promise<AgentAnswer>;
  /** The tag of the present manifest. */
  etag(): Promise<string>;
}

export async function requestsOf(hub: HubHouse, house: AgentHouse): Promise<AgentRequests> {
  const { ca, certificate, privateKey } = JSON.parse(
    await readFile(join(house.state, 'identity.json'), 'utf8'),
  );
  const servername = 'hub.sixhub.internal';
  const send: AgentRequests['send'] = (method, path, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const askedAt = Date.now();
      const content = body === undefined ? undefined : JSON.stringify(body);
      const agent = new Agent({ ca, cert: certificate, key: privateKey, servername });
      const type = content === undefined ? {} : { 'content-type': 'application/json' };
      request(
        `${hub.agentsUrl}${path}`,
        { agent, method, headers: { ...type, ...headers } },
        (answer) => {
          text(answer)
            .then((whole) => {
              const { statusCode: status, headers: told } = answer;
              resolve({ status, headers: told, body: whole, afterMs: Date.now() - askedAt });
            }, reject)
            .finally(() => agent.destroy());
        },
      )
        .on('error', reject)
        .end(content);
    });
  const manifest = '/v1/agent/manifest';
  return {
    send,
    hold: (etag, seconds) =>
      send('GET', manifest, { 'if-none-match': etag, prefer: `wait=${seconds}` }),
    etag: async () => String((await send('GET', manifest)).headers.etag),
  };
}
