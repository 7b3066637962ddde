import { readFile } from 'node:fs/promises';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { makeSelfSigned, ports, type Lab } from '../../lab/index.js';

/** Somebody between agent and hub, who has the cable and no key of either. */
export interface Middle {
  readonly url: string;
  /**
   * `passes`: hands on what comes. `ends`: takes the connection as a TLS server of its own, with a certificate for the
   * hub's name. `replays`: answers with what the hub sent on the first connection that it passed.
   */
  behave(how: 'passes' | 'ends' | 'replays'): void;
  /** What agents sent on each connection, as it was on the cable. */
  readonly sent: readonly Buffer[];
  /** What it could read: after TLS that it has ended itself. */
  readonly read: () => string;
  readonly connections: () => number;
}

export async function openMiddle(lab: Lab, hub: { readonly address: string }): Promise<Middle> {
  const address = lab.address();
  const own = await makeSelfSigned(
    await lab.makeDirectory('middle'),
    address,
    'hub.sixhub.internal',
  );
  const identity = { key: await readFile(own.privateKey), cert: await readFile(own.certificate) };
  const sent: Buffer[] = [];
  const received: Buffer[] = [];
  let how: Parameters<Middle['behave']>[0] = 'passes';
  let read = '';
  let connections = 0;
  const open = new Set<Socket>();
  const passes = (socket: Socket): void => {
    const onward = connectTcp(ports.agents, hub.address);
    const at = sent.push(Buffer.alloc(0)) - 1;
    received.push(Buffer.alloc(0));
    const record = (list: Buffer[]) => (chunk: Buffer) => {
      list[at] = Buffer.concat([list[at] ?? Buffer.alloc(0), chunk]);
    };
    socket.on('data', record(sent)).pipe(onward);
    onward.on('data', record(received)).pipe(socket);
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
  };
  const ends = (socket: Socket): void => {
    const tls = new TLSSocket(socket, { ...identity, isServer: true, requestCert: true });
    tls.on('data', (chunk: Buffer) => (read += chunk.toString('latin1')));
    tls.on('error', () => socket.destroy());
  };
  const replays = (socket: Socket): void => {
    socket.once('data', () => socket.end(received[0] ?? Buffer.alloc(0)));
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    ({ passes, ends, replays })[how](socket);
  });
  await new Promise<void>((resolve) => server.listen(ports.https, address, resolve));
  lab.own({ [Symbol.asyncDispose]: () => stop(server, open) });
  return {
    url: `https://${address}:${ports.https}`,
    sent,
    behave(next) {
      how = next;
    },
    read: () => read,
    connections: () => connections,
  };
}

/** What somebody recorded, sent to the hub once more; what came back, until the hub ended it. */
export function replayTo(hub: { readonly address: string }, recorded: Buffer): Promise<number> {
  return new Promise((resolve) => {
    let length = 0;
    const socket = connectTcp(ports.agents, hub.address, () => socket.end(recorded));
    socket.on('data', (chunk: Buffer) => (length += chunk.length));
    socket.on('error', () => resolve(length));
    socket.on('close', () => resolve(length));
  });
}

function stop(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  for (const socket of open) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}
