import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { errorText, exitCodes, SixhubError, usageError, type Terminal } from '@sixhub/base';
import ssh2, { type ParsedKey } from 'ssh2';
import type { Credentials } from '../ssh/authentication.js';
import { connectSsh, type SshConnection } from '../ssh/connection.js';
import { hostTrust } from '../ssh/host-trust.js';
import { KnownHostsFiles } from '../ssh/known-hosts-files.js';
import { parseTarget } from '../ssh/target.js';
import { HiddenInput } from './hidden-input.js';

export interface SshOptions {
  readonly identity: string | undefined;
  readonly jump: string | undefined;
  readonly 'host-key': readonly string[];
}

/** Logs in with what this user has: agent, files, and what is answered at the terminal. */
export async function logIn(
  place: string,
  options: SshOptions,
  terminal: Terminal,
): Promise<SshConnection> {
  const [target, jump] = [parseTarget(place), options.jump && parseTarget(options.jump)];
  const parts = {
    signal: terminal.signal,
    credentials: await credentials(options.identity, terminal.signal),
    trust: hostTrust({
      files: new KnownHostsFiles(homedir()),
      expected: options['host-key'].map(fingerprint),
      confirm: (question) => terminal.confirm(question),
      tell: (line) => terminal.err(line),
    }),
  };
  if (!jump) return connectSsh(target, parts);
  const via = await connectSsh(jump, parts);
  try {
    const there = await connectSsh(target, { ...parts, via });
    return {
      ...there,
      async [Symbol.asyncDispose]() {
        await there[Symbol.asyncDispose]();
        await via[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await via[Symbol.asyncDispose]();
    throw error;
  }
}

function fingerprint(text: string): string {
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(text)) return text;
  throw usageError(
    `'${text}' is no fingerprint of a host key`,
    'It is written as ssh-keygen -l prints it: SHA256: and 43 characters.',
  );
}

async function credentials(
  identity: string | undefined,
  signal: AbortSignal,
): Promise<Credentials> {
  return {
    agentSocket: process.env['SSH_AUTH_SOCK'] || undefined,
    identity:
      identity === undefined ? undefined : { path: identity, key: await keyIn(identity, signal) },
    askPassword: HiddenInput.isPossible ? (question) => ask(question, signal) : undefined,
  };
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  using terminal = new HiddenInput(signal);
  return await terminal.ask(question);
}

async function keyIn(path: string, signal: AbortSignal): Promise<ParsedKey> {
  const text = await readFile(path).catch((error: unknown) => {
    throw unusable(
      path,
      errorText(error),
      'Name the file of a private key: --identity ~/.ssh/id_ed25519',
    );
  });
  const open = ssh2.utils.parseKey(text);
  if (!(open instanceof Error)) return mustBePrivate(path, open);
  if (!/passphrase/i.test(open.message)) {
    throw unusable(path, open.message, 'It must be a private key as ssh-keygen makes it.');
  }
  if (!HiddenInput.isPossible) {
    throw unusable(
      path,
      'it has a passphrase, and there is no terminal to ask for it at',
      `Give it to an SSH agent: ssh-add ${path}`,
    );
  }
  const opened = ssh2.utils.parseKey(text, await ask(`Passphrase of ${path}: `, signal));
  if (opened instanceof Error) throw unusable(path, 'its passphrase is another one', 'Try again.');
  return mustBePrivate(path, opened);
}

function mustBePrivate(path: string, key: ParsedKey): ParsedKey {
  if (key.isPrivateKey()) return key;
  throw unusable(
    path,
    'it is a public key',
    `The private one lies beside it: ${path.replace(/\.pub$/, '')}`,
  );
}

function unusable(path: string, why: string, hint: string): SixhubError {
  return new SixhubError({
    code: 'identity-unusable',
    fact: `the key file ${path} can't be used: ${why}`,
    hint,
    exit: exitCodes.usage,
  });
}
