import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { errorText, systemCode } from '@sixhub/base';
import type { Sent } from './channel.js';

export interface Post {
  readonly url: string;
  /** PEM file with roots, in place of the system's. */
  readonly trust: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Not to be repeated, whoever sends them back. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

const timeoutMs = 15_000;
const readBytes = 2_048;

/**
 * One POST over HTTPS, whose outcome is an answer: 2xx, or not. Redirects are not followed: the secret in the headers
 * is for this host. The address itself can be a secret (a topic, a path), so that only its host is told.
 */
export async function post({ url, trust, headers, body, secrets, signal }: Post): Promise<Sent> {
  const { host, pathname, search } = new URL(url);
  const hidden = [...secrets, url, ...[pathname, search].filter((part) => part.length > 4)];
  const veil = (text: string): string =>
    hidden.reduce((veiled, secret) => veiled.replaceAll(secret, '…'), text);
  const failed = (fact: string, hint: string): Sent => ({
    ...{ kind: 'failed' as const, hint },
    fact: veil(`${host} ${fact}`),
  });
  try {
    const ca = trust === undefined ? {} : { ca: await readFile(trust, 'utf8') };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const { status, words } = await exchange(url, { ...ca, headers, signal: limit }, body);
    const said = words === '' ? `${status}` : `${status}: ${words}`;
    if (status >= 200 && status < 300) return { kind: 'sent', answer: veil(`${host} ${said}`) };
    const hint =
      status >= 300 && status < 400
        ? 'Redirects are not followed: give the address that it leads to in hub.toml.'
        : status === 401 || status === 403
          ? 'Check the secret or token in its file, and what it may do there.'
          : 'The answer is all that is known; check the address in hub.toml.';
    return failed(`answered ${said}`, hint);
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') {
      return failed(`did not answer within ${timeoutMs / 1_000} s`, reachHint);
    }
    const untrusted = /certificate|CERT/.test(`${systemCode(error)} ${errorText(error)}`);
    return failed(`could not be asked: ${errorText(error)}`, untrusted ? trustHint : reachHint);
  }
}

const reachHint = 'Can this machine reach it? Try: curl -v on the hub, as its user.';
const trustHint =
  'Its certificate is not trusted: `trust` in hub.toml names a file with the root of a private authority.';

function exchange(
  url: string,
  options: {
    readonly ca?: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
  body: string,
): Promise<{ readonly status: number; readonly words: string }> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void =>
      reject(options.signal.aborted ? options.signal.reason : error);
    const outgoing = request(
      url,
      {
        ...options,
        method: 'POST',
        agent: false,
        minVersion: 'TLSv1.2',
        headers: { ...options.headers, 'Content-Length': Buffer.byteLength(body) },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const done = (): void => {
          const [line = ''] = Buffer.concat(chunks).toString('utf8').trim().split('\n', 1);
          resolve({ status: answer.statusCode ?? 0, words: printable(line).slice(0, 200) });
          answer.destroy();
        };
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > readBytes) done(); // what it said first is enough
        });
        answer.on('end', done);
        answer.on('error', failed);
      },
    );
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}

/** Another's words go to a log and to a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').trim();
}
