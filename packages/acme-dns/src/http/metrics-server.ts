import http from 'node:http';
import { listenError } from '../dns/listen-error.js';
import type { ListenAddress } from '../domain/listen-address.js';

/** GET /metrics on addresses of its own, so that the public API does not tell who uses it. */
export class MetricsServer implements AsyncDisposable {
  private readonly servers: readonly http.Server[];

  private constructor(servers: readonly http.Server[]) {
    this.servers = servers;
  }

  static async open(
    listen: readonly ListenAddress[],
    text: () => Promise<string>,
  ): Promise<MetricsServer> {
    const servers: http.Server[] = [];
    for (const where of listen) {
      const server = http.createServer((request, response) => {
        if (request.url !== '/metrics') {
          response.writeHead(404).end();
          return;
        }
        text().then(
          (body) =>
            response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' }).end(body),
          () => response.writeHead(500).end(), // the answering thread has ended; the log says why
        );
      });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(where.port, where.address, resolve);
      }).catch(async (error: unknown) => {
        throw await listenError('tcp', where, error);
      });
      servers.push(server);
    }
    return new MetricsServer(servers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  }
}
