import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import type { Protocol } from './domain/endpoint.js';
import { seeOnWire } from './see.js';

/** A server that says these lines, each after the next line of the client (or at once, the first). */
async function saying(
  protocol: Protocol,
  ...lines: readonly string[]
): Promise<{ readonly why: string; readonly heard: readonly string[] }> {
  const heard: string[] = [];
  const talk = (socket: Socket): void => {
    const left = [...lines];
    const speak = (): void => void socket.write(left.shift() ?? '');
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard.push(data.toString('latin1').slice(0, 40).trim());
      if (left.length === 0) socket.destroy();
      else speak();
    });
    speak();
  };
  const server = createServer(talk).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo; // of a server that listens on TCP
    const endpoint = { protocol, host: '127.0.0.1', port };
    const seen = await seeOnWire({ endpoint, servername: undefined });
    return { why: seen.kind === 'unreachable' ? seen.why : seen.kind, heard };
  } finally {
    server.close();
  }
}

it.each([
  ['smtp', ['554 5.3.2 not today\r\n'], 'it greets with: 554 5.3.2 not today'],
  [
    'smtp',
    ['220 mx\r\n', '250-mx\r\n250 HELP\r\n', '502 5.5.1 not implemented\r\n'],
    'it answers STARTTLS with: 502 5.5.1 not implemented',
  ],
  ['imap', ['* BYE overloaded\r\n'], 'it greets with: * BYE overloaded'],
  [
    'imap',
    ['* OK hi\r\n', 's1 BAD no TLS here\r\n'],
    'it answers s1 STARTTLS with: s1 BAD no TLS here',
  ],
  ['pop3', ['+OK hi\r\n', '-ERR no TLS\r\n'], 'it answers STLS with: -ERR no TLS'],
  ['sieve', ['"SASL" ""\r\nOK\r\n', 'NO "no TLS"\r\n'], 'it answers STARTTLS with: NO "no TLS"'],
] as const)(
  'tells in the server’s words why %s shows no certificate',
  async (protocol, lines, why) => {
    expect((await saying(protocol, ...lines)).why).toBe(why);
  },
);

it('takes the lines of a greeting as they come, and waits for the last', async () => {
  const { heard } = await saying(
    'smtp',
    '220-one\r\n220-two\r\n220 three\r\n',
    '250 mx\r\n',
    '220 go\r\n',
  );
  expect(heard[0]).toBe('EHLO sixhub.invalid');
  expect(heard[1]).toBe('STARTTLS');
  expect(heard[2]?.charCodeAt(0)).toBe(0x16); // RFC 8446 §5.1: a handshake
});

it('does not take for TLS what was put into the clear before it (RFC 3207 §6)', async () => {
  const { why } = await saying('smtp', '220 mx\r\n', '250 mx\r\n', '220 go\r\n250 injected\r\n');
  expect(why).toBe('it says more in the clear after it agreed to TLS');
});

it('gives a line an end', async () => {
  const { why } = await saying('imap', 'x'.repeat(100_000));
  expect(why).toBe('what answers sends no lines');
});
