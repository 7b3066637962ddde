import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { errorText, type Clock } from '@sixhub/base';
import { listenError } from '../dns/listen-error.js';
import type { ListenAddress } from '../domain/listen-address.js';
import { Network } from '../domain/network.js';
import type { Log } from '../ports.js';
import type { Registry } from '../registry.js';
import { Allowance } from './allowance.js';
import { jsonError, notFound, plain, type Answer } from './answer.js';
import type { PemPair } from './certificate-files.js';
import { corsHeaders } from './cors.js';
import type { HttpOptions } from './http-options.js';
import { HttpRequest } from './http-request.js';
import type { Pace } from './pace.js';
import { register, type RegistrationPolicy } from './register.js';
import { update } from './update.js';

export interface HttpApiParts {
  readonly options: HttpOptions;
  /** What TLS begins with; without one, handshakes fail until `use`. */
  readonly pair?: PemPair;
  readonly registry: Registry;
  readonly log: Log;
  readonly clock: Clock;
  readonly pace: Pace;
}

/** Registrations of one network in a minute: generous to a person, hopeless for filling a disk. */
const defaultRegistrations = 60;

/** The API of the Go program: /register, /update, /health. */
export class HttpApi implements AsyncDisposable {
  private readonly parts: HttpApiParts;
  private options: HttpOptions;
  private policy: RegistrationPolicy;
  private readonly servers: (http.Server | https.Server)[] = [];
  private readonly requests = new Map<string, number>();
  private closing = false;

  private constructor(parts: HttpApiParts) {
    this.parts = parts;
    this.options = parts.options;
    this.policy = policyOf(parts.options, parts.clock);
  }

  static async open(parts: HttpApiParts): Promise<HttpApi> {
    const api = new HttpApi(parts);
    try {
      for (const where of parts.options.listen) await api.listen(where);
      return api;
    } catch (error) {
      await api[Symbol.asyncDispose]();
      throw error;
    }
  }

  get addresses(): readonly ListenAddress[] {
    return this.servers.flatMap((server) => {
      const bound = server.address();
      return bound === null || typeof bound === 'string'
        ? []
        : [{ address: bound.address, port: bound.port }];
    });
  }

  /** How many requests ended how, by `path status`. */
  get counts(): ReadonlyMap<string, number> {
    return this.requests;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing = true;
    await Promise.all(
      this.servers.splice(0).map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeIdleConnections();
            setTimeout(() => server.closeAllConnections(), 2_000).unref();
          }),
      ),
    );
  }

  /** Who may register, origins and proxies from now on; addresses, and whether it speaks TLS, stay. */
  configure(options: HttpOptions): void {
    this.options = options;
    this.policy = policyOf(options, this.parts.clock);
  }

  /** Each new pair of key and certificate; new connections get the new certificate; those that are open stay. */
  use(pair: PemPair): void {
    for (const server of this.servers) {
      if (server instanceof https.Server) server.setSecureContext(pair);
    }
  }

  private async listen(where: ListenAddress): Promise<void> {
    const limits = { requestTimeout: 15_000, headersTimeout: 10_000, keepAliveTimeout: 30_000 };
    const serve: http.RequestListener = (message, response) => void this.serve(message, response);
    const server =
      this.options.tls === undefined
        ? http.createServer(limits, serve)
        : https.createServer({ ...limits, ...this.parts.pair }, serve);
    server.maxConnections = 2_000;
    server.on('clientError', (_error, socket) => refuse(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(where.port, where.address, () => {
        server.off('error', reject);
        resolve();
      });
    }).catch(async (error: unknown) => {
      throw await listenError('tcp', where, error);
    });
    this.servers.push(server);
  }

  private async serve(message: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const source = this.options.clientAddress ?? { kind: 'connection' };
    try {
      const request = await HttpRequest.read(message, source);
      if (request === undefined) {
        write(response, plain(413, 'Request Entity Too Large\n', { Connection: 'close' }));
        return;
      }
      await this.parts.pace.turn();
      const answer = await this.answer(request);
      const cors = corsHeaders(request, this.options.corsOrigins ?? []);
      const last = this.closing ? { Connection: 'close' } : {};
      write(response, { ...answer, headers: { ...answer.headers, ...cors, ...last } });
      this.note(request, answer);
    } catch {
      response.destroy(); // the client went away in the middle of its body
    }
  }

  private async answer(request: HttpRequest): Promise<Answer> {
    try {
      return await this.route(request);
    } catch (error) {
      this.parts.log.error({ path: request.path, error: errorText(error) }, 'request not served');
      return jsonError(500, 'db_error');
    }
  }

  private route(request: HttpRequest): Answer | Promise<Answer> {
    const { registry } = this.parts;
    const known = { '/register': 'POST', '/update': 'POST', '/health': 'GET' }[request.path];
    if (known === undefined || (request.path === '/register' && this.policy.mode === 'off'))
      return notFound;
    if (request.method === 'OPTIONS')
      return { status: 204, body: '', headers: { Allow: `OPTIONS, ${known}` } };
    if (request.method !== known)
      return plain(405, 'Method Not Allowed\n', { Allow: `OPTIONS, ${known}` });
    if (request.path === '/health') return { status: 200, body: '' };
    if (request.path === '/update') return update(request, registry);
    return register(request, registry, this.policy);
  }

  /** Who registers and who is turned away concerns the operator; an update that worked does not. */
  private note(request: HttpRequest, { status }: Answer): void {
    const { path, addresses } = request;
    const key = `${['/register', '/update', '/health'].includes(path) ? path : 'other'} ${status}`;
    this.requests.set(key, (this.requests.get(key) ?? 0) + 1);
    const fields = { path, status, client: addresses[0] ?? '' };
    if (status === 201) this.parts.log.info(fields, 'account registered');
    else if (status === 401 || status === 403 || status === 429)
      this.parts.log.warn(fields, 'request refused');
  }
}

function write(response: http.ServerResponse, answer: Answer): void {
  const { status, type, body, headers } = answer;
  response.writeHead(status, {
    ...(type === undefined ? {} : { 'Content-Type': type }),
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
    ...headers,
  });
  response.end(body);
}

function policyOf(options: HttpOptions, clock: Clock): RegistrationPolicy {
  return {
    mode: options.registration,
    networks: (options.registrationNetworks ?? []).flatMap(
      (text) => Network.parseLoose(text) ?? [],
    ),
    tokens: options.registrationTokens ?? [],
    allowance: new Allowance(options.registrationsPerMinute ?? defaultRegistrations, clock),
  };
}

function refuse(socket: Duplex): void {
  if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  else socket.destroy();
}
