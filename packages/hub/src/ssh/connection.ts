import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, {
  type Client,
  type ClientChannel,
  type SFTPWrapper,
  type ServerHostKeyAlgorithm,
} from 'ssh2';
import { Attempts, type Credentials } from './authentication.js';
import {
  unreachable,
  notReached,
  notLetIn,
  hungUp,
  connectionLost,
  noSftp,
} from './connection-error.js';
import { hostKeyOf } from './host-key.js';
import type { HostTrust } from './host-trust.js';
import type { SshTarget } from './target.js';

/**
 * One login at one host. ssh2 gives the protocol; who is let in by whom is decided in host-trust.ts and
 * authentication.ts. SHA-1 is used for nothing: ssh2 has it in no key exchange
 * unless told to, and neither a host key's signature nor a MAC is taken with it.
 */
export interface SshConnection extends AsyncDisposable {
  readonly target: SshTarget;
  /** Runs one line of the login shell; what it prints is cut at a megabyte. */
  run(line: string, input?: string | Uint8Array): Promise<RemoteResult>;
  sftp(): Promise<SFTPWrapper>;
  /** A connection from there to another host. */
  reach(host: string, port: number): Promise<Duplex>;
  /** What uses the connection, ended with it: ssh2 leaves what is under way unanswered when a connection breaks. */
  unlessLost<T>(work: Promise<T>): Promise<T>;
}

export interface RemoteResult {
  /** Undefined where a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SshParts {
  readonly trust: HostTrust;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
  /** The host to go through. */
  readonly via?: SshConnection;
}

const patienceMs = 20_000;
const keptBytes = 1_048_576;
/** A host may acknowledge our end of the connection and never close its own. */
const farewellMs = 2_000;
/** Those of ssh2's defaults that are not SHA-1's. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

export async function connectSsh(target: SshTarget, parts: SshParts): Promise<SshConnection> {
  parts.signal.throwIfAborted();
  const preferred = await parts.trust.preferred(target);
  const sock = await socketTo(target, parts);
  const client = new ssh2.Client();
  // ssh2 leaves a socket alone that it has ended already.
  const stop = (): void => {
    client.destroy();
    sock.destroy();
  };
  parts.signal.addEventListener('abort', stop);
  try {
    await login(client, { target, sock, preferred, ...parts });
  } catch (error) {
    parts.signal.removeEventListener('abort', stop);
    stop();
    throw parts.signal.aborted ? parts.signal.reason : error;
  }
  const lost = (error?: unknown): unknown =>
    parts.signal.aborted ? parts.signal.reason : connectionLost(target, error);
  const broken = new Promise<never>((_resolve, reject) => {
    client.once('close', () => reject(lost()));
  });
  broken.catch(() => undefined); // of interest only to who waits for something
  // That it is lost is told first: what is asked of a dead connection fails with words that say less.
  const unlessLost = <T>(work: Promise<T>): Promise<T> => Promise.race([broken, work]);
  /** ssh2 throws at once where nothing is connected any more. */
  const ask = <T>(begin: Begin<T>): Promise<T> =>
    unlessLost(
      new Promise((resolve, reject) => {
        try {
          begin(resolve, reject);
        } catch (error) {
          reject(lost(error));
        }
      }),
    );
  return {
    target,
    unlessLost,
    run: (line, input = '') => ask(runLine(client, { line, input, lost })),
    sftp: () =>
      ask((resolve, reject) => {
        client.sftp((error, sftp) =>
          error === undefined ? resolve(sftp) : reject(noSftp(target, error)),
        );
      }),
    reach: (host, port) =>
      ask((resolve, reject) => {
        client.forwardOut('127.0.0.1', 0, host, port, (error, channel) =>
          error === undefined
            ? resolve(channel)
            : reject(notReached(target, { host, port }, error)),
        );
      }),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        const over = (): void => {
          clearTimeout(timer);
          parts.signal.removeEventListener('abort', stop);
          resolve();
        };
        const timer = setTimeout(() => {
          stop();
          over();
        }, farewellMs);
        client.once('close', over);
        sock.once('close', over);
        if (sock.destroyed) over();
        else if (parts.signal.aborted) stop();
        else client.end();
      }),
  };
}

type Begin<T> = (resolve: (value: T) => void, reject: (error: unknown) => void) => void;

async function socketTo({ host, port }: SshTarget, { via, signal }: SshParts): Promise<Duplex> {
  if (via !== undefined) return via.reach(host, port);
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port });
    const timer = setTimeout(
      () => socket.destroy(new Error(`no answer within ${patienceMs / 1000} s`)),
      patienceMs,
    );
    const stop = (): void => void socket.destroy(new Error('stopped'));
    signal.addEventListener('abort', stop);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      end();
    };
    socket.once('connect', () => settle(() => resolve(socket)));
    socket.once('error', (error) =>
      settle(() => reject(signal.aborted ? signal.reason : unreachable({ host, port }, error))),
    );
  });
}

interface Login extends SshParts {
  readonly target: SshTarget;
  readonly sock: Duplex;
  readonly preferred: readonly string[];
}

function login(
  client: Client,
  { target, sock, preferred, trust, credentials }: Login,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let refusal: unknown;
    // Until the host shows its key; from there on people are asked, who take their time.
    const timer = setTimeout(() => reject(unreachable(target, 'it speaks no SSH')), patienceMs);
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      reject(refusal ?? error);
    };
    const attempts = new Attempts(target, credentials, fail);
    client.on('ready', () => {
      clearTimeout(timer);
      resolve();
    });
    client.on('error', (error) => {
      if (error.level === 'agent') return; // its keys are not to be had; the next way is tried
      fail(unreachable(target, error));
    });
    client.on('close', () => fail(hungUp(target, attempts.tried)));
    client.connect({
      sock,
      username: target.user,
      readyTimeout: 0,
      keepaliveInterval: 15_000,
      algorithms: {
        serverHostKey: hostKeyAlgorithms.toSorted(
          (one, other) => rank(preferred, one) - rank(preferred, other),
        ),
        hmac: { append: [], prepend: [], remove: ['hmac-sha1', 'hmac-sha1-etm@openssh.com'] },
      },
      hostVerifier: (raw: Buffer, verify: (permitted: boolean) => void) => {
        clearTimeout(timer);
        trust.check(target, hostKeyOf(raw)).then(
          () => verify(true),
          (error: unknown) => {
            refusal = error;
            verify(false);
          },
        );
      },
      authHandler: (offered, _partial, attemptBy) => {
        attempts
          .next(offered)
          .then(
            (attempt) =>
              attempt === undefined ? fail(notLetIn(target, attempts.tried)) : attemptBy(attempt),
            fail,
          );
      },
    });
  });
}

/** What is preferred first, the rest in the order it has. */
function rank(preferred: readonly string[], algorithm: string): number {
  const at = preferred.indexOf(algorithm);
  return at === -1 ? preferred.length : at;
}

function runLine(
  client: Client,
  {
    line,
    input,
    lost,
  }: {
    readonly line: string;
    readonly input: string | Uint8Array;
    readonly lost: (error?: unknown) => unknown;
  },
): Begin<RemoteResult> {
  return (resolve, reject) => {
    client.exec(line, (error, channel: ClientChannel) => {
      if (error !== undefined) {
        reject(lost(error));
        return;
      }
      let end: { readonly code: number | undefined } | undefined;
      const [stdout, stderr] = [collect(channel), collect(channel.stderr)];
      channel.on('exit', (code: number | null) => (end = { code: code ?? undefined }));
      channel.on('close', () => {
        if (end === undefined) reject(lost());
        else resolve({ ...end, stdout: stdout(), stderr: stderr() });
      });
      channel.on('error', () => undefined); // it may end without reading what it is given
      channel.end(input);
    });
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    if (size < keptBytes) chunks.push(chunk.subarray(0, keptBytes - size));
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
