import net from 'node:net';
import { ports, type AcmeDnsHouse, type Registered } from '@sixhub/test/lab';

/** Keep-alive connections that each ask again as soon as they are answered, until `stop`; counts by status. */
export class ApiLoad {
  readonly answers = new Map<number, number>();
  private readonly sockets: net.Socket[] = [];

  constructor(house: AcmeDnsHouse, requests: readonly (() => Buffer)[]) {
    for (const request of requests) {
      const socket = net.connect({ host: house.address, port: ports.acmeDnsApi, noDelay: true });
      socket.on('error', () => undefined); // ended while it asked
      let held = '';
      socket.on('data', (chunk) => {
        held += chunk.toString('latin1');
        const head = held.indexOf('\r\n\r\n');
        if (head === -1) return;
        const length = Number(/content-length: (\d+)/i.exec(held.slice(0, head))?.[1] ?? 0);
        if (held.length < head + 4 + length) return;
        const status = Number(held.slice(9, 12));
        this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
        held = '';
        socket.write(request());
      });
      socket.write(request());
      this.sockets.push(socket);
    }
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

export function updateRequest(account: Registered): () => Buffer {
  let count = 0;
  return () => {
    const txt = `${count++}-`.padEnd(43, 'u');
    const body = JSON.stringify({ subdomain: account.subdomain, txt });
    const credentials = `X-Api-User: ${account.username}\r\nX-Api-Key: ${account.password}\r\n`;
    return post('/update', credentials, body);
  };
}

export function registerRequest(): Buffer {
  return post('/register', '', '');
}

function post(path: string, headers: string, body: string): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: bench\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}
