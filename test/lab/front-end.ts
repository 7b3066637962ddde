import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import type { Lab } from './lab.js';
import type { Pebble } from './pebble.js';
import { ports } from './ports.js';
import { makeSelfSigned } from './self-signed.js';

export interface Interception {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

/**
 * A front end before pebble, as authorities have them, that answers some paths itself; of others it can keep pebble's
 * answer back when it knows its status, so that a client never learns what became of its request.
 */
export function frontEnd(
  intercept: (path: string) => Interception | undefined,
  answered: (path: string, status: number) => 'on' | 'lost' = () => 'on',
) {
  return async (
    lab: Lab,
    pebble: Pebble,
  ): Promise<Pick<Pebble, 'directory' | 'httpsCertificate'>> => {
    const place = await lab.makeDirectory('front-end');
    const address = lab.address();
    const own = await makeSelfSigned(place, address, 'front-end.test');
    const ca = await readFile(pebble.httpsCertificate, 'utf8');
    const origin = new URL(pebble.directory).origin;
    const front = `https://${address}:${ports.https}`;
    const server = createServer(
      { key: await readFile(own.privateKey), cert: await readFile(own.certificate) },
      (incoming, outgoing) => {
        const own = intercept(incoming.url ?? '');
        if (own !== undefined) {
          outgoing.writeHead(own.status, {
            'Content-Type': 'application/problem+json',
            ...own.headers,
          });
          outgoing.end(own.body === undefined ? '' : JSON.stringify(own.body));
          return;
        }
        const onward = request(
          `${origin}${incoming.url}`,
          {
            method: incoming.method,
            headers: { ...incoming.headers, host: new URL(front).host },
            ca,
          },
          (answer) => {
            const status = answer.statusCode ?? 502;
            if (answered(incoming.url ?? '', status) === 'lost') {
              answer.resume();
              return;
            }
            outgoing.writeHead(status, answer.headers);
            answer.pipe(outgoing);
          },
        );
        incoming.pipe(onward);
      },
    );
    await new Promise<void>((resolve) => server.listen(ports.https, address, resolve));
    lab.own({
      [Symbol.asyncDispose]: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    });
    return {
      directory: `${front}/dir`,
      httpsCertificate: own.certificate,
    };
  };
}
