import { createHash, X509Certificate } from 'node:crypto';
import { isIPv6, type Socket } from 'node:net';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { exitCodes, SixhubError } from '@sixhub/base';
import { enrolServerName, identity, type Identity, type JoinToken } from '@sixhub/protocol';
import { reach } from './addresses.js';
import { asError, parse } from './client.js';
import type { Failure, Place } from './dial.js';
import { exchange } from './exchange.js';
import { HubLine } from './line.js';

const answerTimeoutMs = 20_000;

export interface Enrolled {
  readonly identity: Identity;
  /** The hub's CA as the token pins it, PEM. */
  readonly ca: string;
}

/**
 * Two connections to the same address. The first sends nothing: it only takes the chain, in which the CA of the token
 * must be. The second trusts nothing but that CA, and only over it the secret is told.
 */
export async function enrolAt(
  token: JoinToken,
  csr: string,
  signal: AbortSignal,
): Promise<Enrolled> {
  const failures: Failure[] = [];
  for (;;) {
    const { place, socket } = await reach(token.hubs, failures, signal);
    try {
      const ca = pinnedCa(place.hub, await shownChain(socket, signal), token.caSha256);
      using line = new HubLine([addressOf(place)], { ca });
      await line.open([], signal);
      const body = { secret: token.secret, csr };
      const request = { method: 'POST', path: '/v1/enroll', body } as const;
      const answer = await exchange(line.agent, place.hub, request, signal);
      if (answer.kind === 'problem') throw asError(answer.problem);
      const given = parse(identity, answer.kind === 'ok' ? answer.body : undefined, 'identity');
      return { identity: given, ca };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SixhubError) throw error;
      failures.push({ ...place, error });
    }
  }
}

/** That very one, of a name that may have several. */
function addressOf({ address, port }: Place): string {
  return `https://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

function pinnedCa(hub: string, chain: readonly Buffer[], caSha256: string): string {
  const found = chain.find((der) => createHash('sha256').update(der).digest('hex') === caSha256);
  if (found !== undefined) return new X509Certificate(found).toString();
  throw new SixhubError({
    code: 'not-the-tokens-hub',
    fact: `${hub} is not the hub that the join token is for: it does not show the CA whose SHA-256 the token has. The token's secret was not sent.`,
    hint:
      'Either the token is from another hub (or from before its CA was made anew), or somebody answers in its place.\n' +
      'Make a new token on the hub with `hub agent add NAME` and compare the addresses in it.',
    exit: exitCodes.failed,
  });
}

/** The certificates that a server shows, its own first. Nothing is verified and nothing is sent. */
function shownChain(over: Socket, signal: AbortSignal): Promise<readonly Buffer[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      socket: over,
      servername: enrolServerName,
      rejectUnauthorized: false,
    });
    const stop = (error: unknown): void => {
      reject(error);
      socket.destroy();
    };
    const onAbort = (): void => stop(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(answerTimeoutMs, () =>
      stop(new Error(`no answer within ${answerTimeoutMs / 1_000} s`)),
    );
    socket.on('error', stop);
    socket.on('close', () => signal.removeEventListener('abort', onAbort));
    socket.once('secureConnect', () => {
      resolve([...withIssuers(socket.getPeerCertificate(true))]);
      socket.end();
    });
  });
}

/** A root is its own issuer: the walk ends where it would stand still. */
function* withIssuers(first: DetailedPeerCertificate): Generator<Buffer> {
  const seen = new Set<string>();
  for (
    let certificate: DetailedPeerCertificate | undefined = first;
    certificate !== undefined && !seen.has(certificate.fingerprint256);
    certificate = certificate.issuerCertificate
  ) {
    if (!Buffer.isBuffer(certificate.raw)) return;
    seen.add(certificate.fingerprint256);
    yield certificate.raw;
  }
}
