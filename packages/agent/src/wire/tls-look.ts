import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { errorText, systemCode } from '@sixhub/base';
import type { KeyFamily } from '@sixhub/protocol';
import type { Seen } from '../domain/look.js';
import type { SeeOnWire } from '../ports.js';
import { fingerprintOf, notAfterOf } from '../live/pem.js';

const answerTimeoutMs = 5_000;

/**
 * Connects as any client would and notes which certificate it is shown. Whether clients trust it is not asked here:
 * a private authority's certificate is proven by its fingerprint like any other. Nothing is sent but the handshake.
 */
export const seeByTls: SeeOnWire = ({ endpoint, servername, key }) =>
  new Promise((resolve) => {
    const socket = connect({
      host: endpoint.host,
      port: endpoint.port,
      rejectUnauthorized: false,
      ...(servername === undefined ? {} : { servername }),
      ...(key === undefined ? {} : { sigalgs: signatures[key] }),
    });
    const settle = (seen: Seen): void => {
      clearTimeout(timer);
      resolve(seen);
      socket.end(); // close_notify: servers log a torn connection as an error of the client
      socket.setTimeout(1_000, () => socket.destroy());
      socket.unref();
    };
    const timer = setTimeout(
      () =>
        settle({ kind: 'unreachable', why: `no TLS answer within ${answerTimeoutMs / 1_000} s` }),
      answerTimeoutMs,
    );
    socket.on('error', (error) => settle({ kind: 'unreachable', why: inWords(error) }));
    socket.on('close', () => settle({ kind: 'unreachable', why: 'the connection was closed' }));
    socket.once('secureConnect', () => {
      const shown = socket.getPeerCertificate();
      // Without a certificate (an anonymous or pre-shared key suite) Node gives an empty object.
      if (!Buffer.isBuffer(shown.raw)) {
        settle({ kind: 'unreachable', why: 'no certificate is served' });
        return;
      }
      const certificate = new X509Certificate(shown.raw);
      settle({
        kind: 'served',
        fingerprint: fingerprintOf(certificate),
        notAfter: notAfterOf(certificate),
      });
    });
  });

/** RFC 8446 §4.2.3: a server must not show a certificate whose key the client can't verify signatures of. */
const signatures: Readonly<Record<KeyFamily, string>> = {
  ecdsa: 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512',
  rsa: 'RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512',
};

function inWords(error: Error): string {
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
