import dgram from 'node:dgram';
import net from 'node:net';
import type { ListenAddress } from '../domain/listen-address.js';

export interface Exchange {
  readonly message: Buffer;
  /** This machine's address that the question went out from. */
  readonly from: string;
}

/** How long a datagram may be on its way before it is taken for lost and sent again. */
const againMs = 1_000;

const noAnswer = 'no answer in time';

/** Sends the question until an answer comes, since one lost packet is no dead server. */
export function overUdp(
  { address, port }: ListenAddress,
  question: Buffer,
  withinMs: number,
  signal?: AbortSignal,
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
    let again: NodeJS.Timeout | undefined;
    let open = true;
    const end = (work: () => void): void => {
      if (!open) return;
      open = false;
      clearTimeout(timer);
      clearInterval(again);
      signal?.removeEventListener('abort', onAbort);
      socket.close();
      work();
    };
    const onAbort = (): void => end(() => reject(signal?.reason));
    const timer = setTimeout(() => end(() => reject(new Error(noAnswer))), withinMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('message', (message) => {
      if (!isAnswerTo(question, message)) return;
      const from = socket.address().address;
      end(() => resolve({ message, from }));
    });
    socket.connect(port, address, (error?: Error) => {
      if (error) {
        end(() => reject(error));
        return;
      }
      if (!open) return;
      socket.send(question);
      again = setInterval(() => socket.send(question), againMs);
    });
  });
}

/** One message each way, each behind its length (RFC 1035 §4.2.2). */
export function overTcp(
  { address, port }: ListenAddress,
  question: Buffer,
  withinMs: number,
  signal?: AbortSignal,
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: address, port });
    let received = Buffer.alloc(0);
    const end = (work: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      work();
      socket.destroy();
    };
    const onAbort = (): void => end(() => reject(signal?.reason));
    const timer = setTimeout(() => end(() => reject(new Error(noAnswer))), withinMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('close', () =>
      end(() => reject(new Error('the connection was closed without an answer'))),
    );
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const message = received.subarray(2, 2 + received.readUInt16BE(0));
      const from = socket.localAddress ?? '';
      end(() => {
        if (isAnswerTo(question, message)) resolve({ message, from });
        else reject(new Error('it answers another question'));
      });
    });
    socket.on('connect', () => {
      socket.write(
        Buffer.concat([Buffer.from([question.length >> 8, question.length & 0xff]), question]),
      );
    });
  });
}

/** The same number, and the bit of an answer (RFC 1035 §4.1.1). */
function isAnswerTo(question: Buffer, message: Buffer): boolean {
  return (
    message.length > 2 &&
    message.readUInt16BE(0) === question.readUInt16BE(0) &&
    (message.readUInt8(2) & 0x80) !== 0
  );
}
