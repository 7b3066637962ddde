import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import { makeSelfSigned } from './self-signed.js';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpsReceiver {
  readonly url: string;
  /** PEM root of its certificate. */
  readonly trust: string;
  readonly received: readonly Received[];
  /** What it answers from now on. */
  answer: { readonly status: number; readonly body?: string; readonly location?: string };
}

/** Takes what is sent to it over HTTPS, whatever it is. */
export async function startHttpsReceiver(lab: Lab): Promise<HttpsReceiver> {
  const place = await lab.makeDirectory('receiver');
  const address = lab.address();
  const files = await makeSelfSigned(place, address);
  const received: Received[] = [];
  const receiver: HttpsReceiver = {
    url: `https://${address}:${ports.https}`,
    trust: files.certificate,
    received,
    answer: { status: 200 },
  };
  const server = createServer(
    { key: await readFile(files.privateKey), cert: await readFile(files.certificate) },
    (request, response) => {
      void text(request).then((body) => {
        const { method = '', url: path = '', headers } = request;
        received.push({ method, path, headers, body });
        const { status, body: words = '', location } = receiver.answer;
        response.writeHead(status, location === undefined ? {} : { Location: location });
        response.end(words);
      });
    },
  );
  await listen(server, address);
  lab.own({
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  return receiver;
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(ports.https, address, resolve);
  });
}
