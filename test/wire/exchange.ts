import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

/** One datagram and what came back. Silence is waited for 300 ms; both servers are on this machine. */
export async function overUdp(
  address: string,
  port: number,
  message: Buffer,
): Promise<Buffer | 'silence'> {
  const socket = dgram.createSocket('udp4');
  try {
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(300) });
    socket.send(message, port, address);
    const [reply]: unknown[] = await answer;
    return Buffer.isBuffer(reply) ? reply : 'silence';
  } catch {
    return 'silence';
  } finally {
    socket.close();
  }
}

/** One message with its length before it; a connection that is closed instead is silence. */
export async function overTcp(
  address: string,
  port: number,
  message: Buffer,
): Promise<Buffer | 'silence'> {
  const socket = net.connect({ host: address, port });
  const parts: Buffer[] = [];
  socket.write(framed(message));
  socket.setTimeout(300, () => socket.destroy());
  try {
    for await (const part of socket) {
      if (Buffer.isBuffer(part)) parts.push(part);
      const all = Buffer.concat(parts);
      if (all.length >= 2 && all.length >= 2 + all.readUInt16BE(0)) return all.subarray(2);
    }
  } catch {
    // reset: no answer either
  } finally {
    socket.destroy();
  }
  return 'silence';
}

/** A message with its length before it (RFC 1035 §4.2.2). */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
