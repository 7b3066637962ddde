import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import {
  errorText,
  exitCodes,
  runProgram,
  SixhubError,
  usageError,
  type Terminal,
} from '@sixhub/base';
import ssh2, { type ParsedKey } from 'ssh2';
import type { Credentials, Identity } from '../ssh/authentication.js';
import { readClientConfiguration, type ClientConfiguration } from '../ssh/client-configuration.js';
import { connectSsh, type SshConnection } from '../ssh/connection.js';
import { hostTrust, type HostTrust } from '../ssh/host-trust.js';
import { KnownHostsFiles } from '../ssh/known-hosts-files.js';
import { HiddenInput } from './hidden-input.js';

export interface SshOptions {
  readonly identity: string | undefined;
  readonly jump: string | undefined;
  readonly 'host-key': readonly string[];
}

const here = { run: runProgram, home: homedir() };

/** Logs in with what this user has: agent, files, and what is answered at the terminal. */
export async function logIn(
  place: string,
  options: SshOptions,
  terminal: Terminal,
  watch: (trust: HostTrust) => HostTrust = (trust) => trust,
): Promise<SshConnection> {
  const there = await readClientConfiguration(place, here);
  const path = options.identity;
  const named = path === undefined ? undefined : { path, key: await keyIn(path, terminal.signal) };
  const parts = {
    signal: terminal.signal,
    trust: watch(trustOf(options, terminal)),
  };
  const jumps = await Promise.all(
    (options.jump?.split(',') ?? there.jumps).map((jump) => readClientConfiguration(jump, here)),
  );
  const opened: SshConnection[] = [];
  const close = async (): Promise<void> => {
    for (const connection of opened.toReversed()) await connection[Symbol.asyncDispose]();
  };
  try {
    for (const configuration of [...jumps, there]) {
      const via = opened.at(-1);
      const connection = await connectSsh(configuration.target, {
        ...parts,
        credentials: await credentials(configuration, named, terminal.signal),
        ...(via === undefined ? {} : { via }),
      });
      opened.push(connection);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const [last] = opened.slice(-1);
  if (last === undefined) throw new Error('there was no host to connect to');
  return { ...last, [Symbol.asyncDispose]: close };
}

/** By what this user knows, names, or says at the terminal. */
export function trustOf(options: Pick<SshOptions, 'host-key'>, terminal: Terminal): HostTrust {
  return hostTrust({
    files: new KnownHostsFiles(homedir()),
    expected: options['host-key'].map(fingerprint),
    confirm: (question) => terminal.confirm(question),
    tell: (line) => terminal.err(line),
  });
}

function fingerprint(text: string): string {
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(text)) return text;
  throw usageError(
    `'${text}' is no fingerprint of a host key`,
    'It is written as ssh-keygen -l prints it: SHA256: and 43 characters.',
  );
}

async function credentials(
  { identityFiles, areUsual }: ClientConfiguration,
  named: Identity | undefined,
  signal: AbortSignal,
): Promise<Credentials> {
  const found = named === undefined ? await Promise.all(identityFiles.map(quietly)) : [[named]];
  const isNamed = named !== undefined || !areUsual;
  return {
    agentSocket: process.env['SSH_AUTH_SOCK'] || undefined,
    identities: isNamed ? found.flat() : [],
    usualIdentities: isNamed ? [] : found.flat(),
    askPassword: HiddenInput.isPossible ? (question) => ask(question, signal) : undefined,
  };
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  using terminal = new HiddenInput(signal);
  return await terminal.ask(question);
}

/** A file that nobody named here is asked no passphrase for, and is passed over where it is no key. */
async function quietly(path: string): Promise<readonly Identity[]> {
  const key = ssh2.utils.parseKey(await readFile(path));
  if (!(key instanceof Error)) return key.isPrivateKey() ? [{ path, key }] : [];
  return /passphrase/i.test(key.message) ? [{ path, key: undefined }] : [];
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
