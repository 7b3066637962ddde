import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import { ExtendedKeyUsage } from '@peculiar/x509';
import {
  certificateName,
  enrolRequest,
  formatJoinToken,
  hubServerName,
  identityRequest,
  report,
  type Bundle,
  type HubFacts,
  type Report,
  type WantedCertificate,
} from '@sixhub/protocol';
import { makeAuthority, type Authority, type Issued } from './authority.js';
import { wantedKeys, type WantedKeys } from './wanted-keys.js';

/** The agents' side of a hub, over real mutual TLS: the protocol and nothing behind it. */
export interface HubStandIn extends AsyncDisposable {
  readonly url: string;
  readonly ca: Authority;
  readonly reports: Report[];
  /** Requests that are held until something else is offered. */
  readonly held: number;
  /** Each request as `GET /path`, as they came. */
  readonly requests: string[];
  readonly secrets: string[];
  readonly csrs: string[];
  /** The next enrolment is done, and its answer never arrives. */
  loseNextAnswer(): void;
  retireToken(): void;
  /** What it tells of itself with the manifest; nothing until then, as a hub of before. */
  tell(facts: HubFacts): void;
  token(change?: { readonly hubs?: readonly string[]; readonly caSha256?: string }): string;
  /** From now on this is what the agent should have; returns the version. */
  offer(name: string, issued: Issued, chain: string, change?: BundleFault): string;
  /** From now on a key is wanted; answered, this issuer certifies it and the version is offered, without a key. */
  want: WantedKeys['want'];
  readonly keys: WantedKeys;
  /** All that was sent here. */
  readonly bodies: string[];
  wanted(name: string): WantedCertificate;
  stop(): Promise<void>;
  /** Answers every agent route with this problem. */
  refuse(status: number | undefined): void;
  /** Answers nobody while it is hidden. */
  hide(hidden: boolean): void;
}

/** What is wrong with an offered bundle; undefined leaves a part out. */
export type BundleFault = { readonly [K in keyof Bundle]?: Bundle[K] | undefined };

export async function startHub(
  identityDays = 90,
  change: { readonly shownCa?: Authority } = {},
): Promise<HubStandIn> {
  const ca = await makeAuthority('Test hub CA');
  const own = await ca.issue({ names: [hubServerName] });
  const csrs: string[] = [];
  const bodies: string[] = [];
  let losing = false;
  let retired = false;
  const secret = randomBytes(32).toString('base64url');
  const offers = new Map<string, { wanted: WantedCertificate; bundle: unknown }>();
  const requests: string[] = [];
  const reports: Report[] = [];
  const secrets: string[] = [];
  let refusal: number | undefined;
  let hidden = false;
  let facts: HubFacts | undefined;
  const held = new Set<() => void>();
  const wake = (): void => {
    for (const answer of held) answer();
  };

  const sign = async (csr: string): Promise<unknown> => {
    const notAfter = new Date(Date.now() + identityDays * 86_400_000);
    const uses = [ExtendedKeyUsage.clientAuth];
    const { certificate } = await ca.issue({
      names: ['web'],
      csr,
      uses,
      notAfter,
      subject: 'CN=web',
    });
    return { agent: 'web', certificate, ca: ca.pem };
  };
  const present = () => {
    const manifest = {
      certificates: [...offers.values()].map(({ wanted }) => wanted),
      ...(facts === undefined ? {} : { hub: facts }),
      ...(keys.list.length === 0 ? {} : { requests: keys.list }),
    };
    const ids = [...manifest.certificates.map(({ version }) => version)];
    const versions = [...ids, ...keys.list.map(({ id }) => id)].join();
    return { manifest, etag: `"${JSON.stringify(manifest).length}-${versions}"` };
  };
  const offer: HubStandIn['offer'] = (name, issued, chain, fault = {}) => {
    const version = randomUUID();
    const parsed = certificateName.parse(name);
    const { certificate, privateKey, fingerprint, names } = issued;
    offers.set(name, {
      wanted: {
        name: parsed,
        version,
        fingerprint,
        names: [...names],
        notAfter: issued.notAfter.toISOString(),
        revoked: [],
      },
      bundle: { name: parsed, version, certificate, chain, privateKey, ...fault },
    });
    wake();
    return version;
  };
  const keys = wantedKeys((name, issued) => offer(name, issued, '', { privateKey: undefined }));
  /** Until something is offered or refused, the time is over, or who asked is gone. */
  const somethingNew = (seconds: number, response: ServerResponse): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        held.delete(end);
        resolve();
      };
      const timer = setTimeout(end, seconds * 1_000);
      held.add(end);
      response.once('close', end);
    });
  /** As long as it may be held (RFC 7240 §4.3), where who asks has the present one. */
  const untilAnother = async (
    { headers }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const [, seconds = '0'] = /wait=(\d+)/.exec(String(headers['prefer'])) ?? [];
    if (headers['if-none-match'] === present().etag && seconds !== '0')
      await somethingNew(Number(seconds), response);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    requests.push(`${request.method ?? ''} ${path}`);
    const body = await text(request);
    bodies.push(body);
    const send = (status: number, value?: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(value === undefined ? '' : JSON.stringify(value));
    };
    const problem = (status: number, code: string, detail: string): void =>
      send(status, {
        type: 'about:blank',
        title: code,
        status,
        code,
        detail,
        hint: 'Ask the hub.',
      });
    if (path === '/v1/enroll') {
      const asked = enrolRequest.parse(JSON.parse(body));
      secrets.push(asked.secret);
      csrs.push(asked.csr);
      if (losing) {
        losing = false;
        response.destroy();
        return;
      }
      if (retired || asked.secret !== secret)
        return problem(401, 'token-unknown', 'the join token is used up');
      return send(200, await sign(asked.csr));
    }
    const { socket } = request;
    if (!(socket instanceof TLSSocket) || !socket.authorized)
      return problem(401, 'no-identity', 'who are you?');
    if (refusal !== undefined)
      return problem(refusal, 'agent-removed', "the agent 'web' was removed");
    if (path === '/v1/agent/manifest') {
      await untilAnother(request, response);
      if (refusal !== undefined)
        return problem(refusal, 'agent-removed', "the agent 'web' was removed");
      const { manifest, etag } = present();
      return request.headers['if-none-match'] === etag ? send(304) : send(200, manifest, { etag });
    }
    if (path === '/v1/agent/reports') {
      reports.push(report.parse(JSON.parse(body)));
      return send(204);
    }
    if (await keys.answer(path, body)) return send(204);
    if (path === '/v1/agent/identity')
      return send(200, await sign(identityRequest.parse(JSON.parse(body)).csr));
    const offered = offers.get(path.replace('/v1/agent/bundles/', ''));
    if (offered === undefined) return problem(403, 'no-grant', `there is no grant for ${path}`);
    return send(200, offered.bundle);
  };

  const server = createServer(
    {
      cert: own.certificate + (change.shownCa ?? ca).pem,
      key: own.privateKey,
      ca: ca.pem,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      if (hidden) {
        request.socket.destroy();
        return;
      }
      answer(request, response).catch((error: unknown) =>
        response.destroy(new Error(String(error))),
      );
    },
  );
  const url = await listen(server);
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url,
    ca,
    reports,
    requests,
    get held() {
      return held.size;
    },
    secrets,
    csrs,
    loseNextAnswer() {
      losing = true;
    },
    retireToken() {
      retired = true;
    },
    tell(told) {
      facts = told;
      wake();
    },
    token: (other = {}) =>
      formatJoinToken({
        hubs: [...(other.hubs ?? [url])],
        caSha256: other.caSha256 ?? ca.sha256,
        secret,
      }),
    offer,
    want(...wish) {
      keys.want(...wish);
      wake();
    },
    keys,
    bodies,
    hide(is) {
      hidden = is;
    },
    refuse(status) {
      refusal = status;
      wake();
    },
    wanted(name) {
      const offer = offers.get(name);
      if (offer === undefined) throw new Error(`${name} was not offered`);
      return offer.wanted;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = addressOf(server);
  return `https://127.0.0.1:${port}`;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}
