import { X509Certificate } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { errorText, systemCode } from '@sixhub/base';

import type { Look, SeeOnWire, Seen } from './domain/look.js';

import { fingerprintOf, notAfterOf } from './pem.js';
import { Lines } from './lines.js';
import { speeches, type Speech } from './speech.js';

const tlsTimeoutMs = 5_000;
/** Postfix's postscreen lets a stranger wait for six seconds before it greets. */
const mailTimeoutMs = 15_000;
const leaveTimeoutMs = 1_000;

/**
 * Connects as any client would and notes which certificate it is shown. Whether clients trust it is not asked here:
 * a private authority's certificate is proven by its fingerprint like any other. Nobody logs in, no mail is begun, and
 * it takes its leave as the protocol has it.
 */
export const seeOnWire: SeeOnWire = async (look) => {
  const { protocol } = look.endpoint;
  const speech = protocol === 'tls' ? undefined : speeches[protocol];
  const withinMs = speech === undefined ? tlsTimeoutMs : mailTimeoutMs;
  const limit = AbortSignal.timeout(withinMs);
  try {
    return await seeWithin(look, speech, limit);
  } catch (error) {
    const why = limit.aborted ? `no answer within ${withinMs / 1_000} s` : inWords(error);
    return { kind: 'unreachable', why };
  }
};

async function seeWithin(
  look: Look,
  speech: Speech | undefined,
  limit: AbortSignal,
): Promise<Seen> {
  const plain = connectTcp({ host: look.endpoint.host, port: look.endpoint.port, signal: limit });
  plain.on('error', () => undefined); // whoever waits for it hears of it; nobody may, once it is left
  try {
    await settled(plain, 'connect');
    if (speech?.tls === 'agreed') await agreeOnTls(plain, speech);
    const secure = connectTls({ socket: plain, rejectUnauthorized: false, ...wishesOf(look) });
    secure.on('error', () => undefined);
    await settled(secure, 'secureConnect');
    const seen = shownBy(secure);
    leave(secure, speech);
    return seen;
  } catch (error) {
    plain.destroy();
    throw error;
  }
}

function wishesOf({ servername, key }: Look): ConnectionOptions {
  return {
    ...(servername === undefined ? {} : { servername }),
    ...(key === undefined ? {} : { sigalgs: signatures[key] }),
  };
}

/** RFC 3207 §4 and its like. Throws with the server's own words where it does not offer TLS. */
async function agreeOnTls(socket: Socket, { last, agrees, ask }: Speech): Promise<void> {
  const lines = new Lines(socket);
  let said = '';
  for (const word of [undefined, ...ask]) {
    if (word !== undefined) socket.write(`${word}\r\n`);
    do said = await lines.next();
    while (!last.test(said));
    if (agrees.test(said)) continue;
    throw new Error(
      word === undefined ? `it greets with: ${said}` : `it answers ${word} with: ${said}`,
    );
  }
  if (!lines.isEmpty) throw new Error('it says more in the clear after it agreed to TLS');
}

function shownBy(socket: TLSSocket): Seen {
  const shown = socket.getPeerCertificate();
  // Without a certificate (an anonymous or pre-shared key suite) Node gives an empty object.
  if (!Buffer.isBuffer(shown.raw)) {
    return { kind: 'unreachable', why: 'no certificate is served' };
  }
  const certificate = new X509Certificate(shown.raw);
  return {
    kind: 'served',
    fingerprint: fingerprintOf(certificate),
    notAfter: notAfterOf(certificate),
  };
}

/** Nobody waits for it: the certificate is known, and what a server says to a farewell is nobody's matter. */
function leave(socket: TLSSocket, speech: Speech | undefined): void {
  socket.resume();
  socket.setTimeout(leaveTimeoutMs, () => socket.destroy());
  if (speech === undefined) {
    socket.end(); // RFC 8446 §6.1: close_notify, or servers log a torn connection as an error of the client
    return;
  }
  // The server answers and closes; who closes at once is told of as lost.
  const farewell = (): unknown => socket.write(`${speech.leave}\r\n`);
  // After STARTTLS it is the client's turn; else it greets first, and who speaks before is taken for a robot.
  if (speech.tls === 'agreed') farewell();
  else socket.once('data', farewell);
}

function settled(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      socket.off(event, done);
      socket.off('error', fail);
      socket.off('close', close);
      end();
    };
    const done = (): void => settle(resolve);
    const fail = (error: Error): void => settle(() => reject(error));
    const close = (): void => settle(() => reject(new Error('the connection was closed')));
    socket.on(event, done);
    socket.on('error', fail);
    socket.on('close', close);
  });
}

/** RFC 8446 §4.2.3: a server must not show a certificate whose key the client can't verify signatures of. */
const signatures: Readonly<Record<NonNullable<Look['key']>, string>> = {
  ecdsa: 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512',
  rsa: 'RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512',
};

function inWords(error: unknown): string {
  switch (systemCode(error)) {
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ECONNRESET':
      return 'the connection was reset';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no route to it';
    case 'ENOTFOUND':
      return 'the name has no address';
    default:
      return errorText(error)
        .replace(/^[0-9A-F]+:error:[0-9A-F]+:/, '')
        .replace(/:\.\..*$/, '');
  }
}
