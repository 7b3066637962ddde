import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { errorText } from '@sixhub/base';
import { createTransport } from 'nodemailer';
import type { MailConfig } from '../config/notify-config.js';
import type { Channel, Message, Sent } from './channel.js';
import { printable } from './https-post.js';
import { readSecret } from './secret-file.js';

/** A mail server may take its time (greylisting, tarpits); RFC 5321 §4.5.3.2 would have it be minutes. */
const timeoutMs = 60_000;
const connectMs = 15_000;

/** Plain text through one mail server, over TLS unless hub.toml says otherwise, with its certificate verified. */
export function mailChannel(config: MailConfig): Channel {
  return {
    name: config.name,
    kind: 'mail',
    async send(message, signal): Promise<Sent> {
      const password =
        config.password_file === undefined ? undefined : await readSecret(config.password_file);
      if (password?.kind === 'failed') return password;
      const secrets = password === undefined ? [] : [password.secret];
      try {
        const answer = await deliver(config, password?.secret, message, signal);
        return { kind: 'sent', answer: veil(`${config.server}: ${answer}`, secrets) };
      } catch (error) {
        const fact = veil(`${config.server}: ${plainWords(error)}`, secrets);
        return { kind: 'failed', fact, hint: hintOf(error, config) };
      }
    },
  };
}

async function deliver(
  config: MailConfig,
  password: string | undefined,
  message: Message,
  signal: AbortSignal,
): Promise<string> {
  const { server, port, tls, user } = config;
  const trust = config.trust === undefined ? {} : { ca: await readFile(config.trust, 'utf8') };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const connection = await open(server, port, limit);
  const transport = createTransport({
    ...{ host: server, port, connection },
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { ...trust, minVersion: 'TLSv1.2', rejectUnauthorized: true },
    ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
    ...{ greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    // Nothing in a message may name a file or an address to be fetched.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const broken = (): void => void connection.destroy(asError(limit.reason));
  limit.addEventListener('abort', broken, { once: true });
  try {
    const { response, rejected } = await transport.sendMail(mailOf(config, message));
    if (rejected.length === 0) return printable(response);
    throw new Error(`it does not take mail for ${rejected.map(String).join(', ')}`);
  } catch (error) {
    throw limit.aborted ? asError(limit.reason) : error;
  } finally {
    limit.removeEventListener('abort', broken);
    connection.destroy();
  }
}

/** By the machine's own look-up, over IPv6 and IPv4, whichever answers first (RFC 8305). */
function open(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, autoSelectFamily: true, timeout: connectMs });
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      reject(error);
    };
    const aborted = (): void => fail(asError(signal.reason));
    signal.addEventListener('abort', aborted, { once: true });
    socket.once('error', fail);
    socket.once('timeout', () => fail(new Error(`no connection within ${connectMs / 1_000} s`)));
    socket.once('connect', () => {
      signal.removeEventListener('abort', aborted);
      socket.off('error', fail);
      socket.removeAllListeners('timeout').setTimeout(0);
      resolve(socket);
    });
  });
}

function mailOf({ from, to }: MailConfig, { id, at, subject, text, urgency }: Message) {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    ...{ from, to: [...to], subject, text, date: at },
    // The same at each try: who gets it twice shows it once.
    messageId: `<${id}@${domain}>`,
    ...(urgency === 'critical' ? { priority: 'high' as const } : {}),
    list: { id: { url: `sixhub-alerts.${domain}`, comment: 'Sixhub alerts' } },
    // RFC 3834 §5: a vacation notice is no answer to this.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

function hintOf(error: unknown, { tls, trust, server, port }: MailConfig): string {
  const said = errorText(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EAUTH') return 'It refuses user or password: check `user` and the password file.';
  if (/certificate|altnames|self.signed/i.test(said)) {
    return trust === undefined
      ? 'Its certificate is not trusted or not for this name. `server` must be a name in it; `trust` names the root of a private authority.'
      : `Its certificate was not signed by a root in ${trust}, or is not for this name.`;
  }
  if (tls === 'starttls' && /STARTTLS|TLS/i.test(said)) {
    return `It offers no STARTTLS at port ${port}, and nothing is sent in the clear. \`tls = "implicit"\` with port 465 is another way.`;
  }
  if (/wrong version number|packet length|SSL/i.test(said)) {
    return `It does not speak TLS from the start at port ${port}: \`tls = "starttls"\` is for 587 and 25.`;
  }
  if (code === 'EENVELOPE' || /does not take/.test(said)) {
    return 'It refuses sender or recipient: check `from` and `to`, and whether it wants `user`.';
  }
  return `See what it says: openssl s_client -connect ${server}:${port}${tls === 'starttls' ? ' -starttls smtp' : ''}`;
}

/** OpenSSL's errors are addresses of its source with some words in the middle. */
function plainWords(error: unknown): string {
  const said = printable(errorText(error));
  const words = /SSL routines:[^:]*:([^:]+)/.exec(said)?.[1];
  return words === undefined ? said : `TLS: ${words}`;
}

function veil(text: string, secrets: readonly string[]): string {
  return secrets.reduce((veiled, secret) => veiled.replaceAll(secret, '…'), text);
}

function asError(reason: unknown): Error {
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new Error(`no end after ${timeoutMs / 1_000} s`);
  }
  return reason instanceof Error ? reason : new Error(String(reason));
}
