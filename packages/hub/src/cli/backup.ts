import { exitCodes, systemClock, usageError, type ExitCode, type Terminal } from '@sixhub/base';
import { writeArchive } from '../backup/archive.js';
import { toEntries } from '../backup/contents.js';
import type { Inventory } from '../backup/inventory.js';
import { gather } from '../backup/make-backup.js';
import { checkLock, seal, type Lock } from '../backup/sealed-file.js';
import { refuseExisting, writeBackup } from '../backup/write-backup.js';
import { defaultConfigFile, readConfigFile } from '../config/config-file.js';
import { passphraseFrom, readSecretFile } from './passphrase.js';

interface BackupInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: {
    readonly config: string | undefined;
    readonly 'passphrase-file': string | undefined;
    readonly recipient: readonly string[];
    readonly 'recipients-file': string | undefined;
    readonly 'without-keys': boolean;
    readonly replace: boolean;
  };
}

export async function backup(
  { operands, options, json }: BackupInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = operands[0] ?? '';
  const file = options.config ?? defaultConfigFile;
  const text = await readConfigFile(file);
  if (path === '-') refuseTerminal();
  else if (!options.replace) await refuseExisting(path);
  const lock = await lockFrom(options, terminal);
  const keys = !options['without-keys'];
  const { contents, inventory } = await gather({ file, text }, { keys }, systemClock);
  const sealed = seal(lock, writeArchive(toEntries(contents), new Date(contents.manifest.madeAt)));
  const bytes =
    path === '-'
      ? await pour(sealed)
      : await writeBackup(path, sealed, { replace: options.replace, signal: terminal.signal });
  const lacks = keys ? [] : lackingWithoutKeys(inventory);
  const told = json
    ? JSON.stringify({ file: path, bytes, keys, ...inventory, lacks })
    : [
        `wrote ${path === '-' ? 'the backup' : path}: ${counted(inventory)}, ${Math.ceil(bytes / 1_000)} kB`,
        ...orphansOf(inventory),
        ...(keys ? [] : ['A restore from it will lack:', ...lacks.map((line) => `  - ${line}`)]),
        keys ? opensWith(lock) : 'It has no private key, and is encrypted all the same.',
      ].join('\n');
  if (path === '-')
    terminal.err(told); // the backup itself has the standard output
  else terminal.out(told);
  return exitCodes.done;
}

function refuseTerminal(): void {
  if (!process.stdout.isTTY) return;
  throw usageError(
    'the backup would be printed on the terminal',
    'Send it somewhere: hub backup - --recipient age1… | ssh store "cat > hub.age"',
  );
}

async function lockFrom(options: BackupInput['options'], terminal: Terminal): Promise<Lock> {
  const recipients = [...options.recipient];
  const list = options['recipients-file'];
  if (list !== undefined) {
    const lines = (await readSecretFile(list, '--recipients-file')).split(/\r?\n/);
    recipients.push(...lines.map((line) => line.trim()).filter((line) => /^[^#]/.test(line)));
  }
  const asked = recipients.length > 0 || list !== undefined;
  if (asked && options['passphrase-file'] !== undefined) {
    throw usageError(
      'a backup is encrypted to a passphrase or to public keys, not to both',
      'Leave out --passphrase-file, or --recipient and --recipients-file.',
    );
  }
  const lock: Lock = asked
    ? { kind: 'recipients', recipients }
    : {
        kind: 'passphrase',
        passphrase: await passphraseFrom(
          options['passphrase-file'],
          { twice: true },
          terminal.signal,
        ),
      };
  checkLock(lock);
  return lock;
}

async function pour(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    await new Promise<void>((resolve, reject) =>
      process.stdout.write(chunk, (error) => (error ? reject(error) : resolve())),
    );
  }
  return bytes;
}

export function counted({ certificates, delegations, agents, accounts }: Inventory): string {
  const count = (number: number, one: string, many: string): string =>
    `${number} ${number === 1 ? one : many}`;
  return [
    count(certificates.length, 'certificate', 'certificates'),
    count(delegations, 'CNAME target', 'CNAME targets'),
    count(agents.length, 'agent', 'agents'),
    count(accounts.length, 'account at an authority', 'accounts at authorities'),
  ].join(', ');
}

export function orphansOf({ orphans }: Inventory): readonly string[] {
  if (orphans.length === 0) return [];
  return [
    `The acme-dns database has no account for: ${orphans.join(', ')}. Their CNAMEs lead nowhere, in the running hub too.`,
  ];
}

/** What has to be done again after a restore, and by whom. */
export function lackingWithoutKeys({
  certificates,
  agents,
  accounts,
  unfinished,
}: Inventory): readonly string[] {
  return [
    `every private key: ${certificates.length} certificates are issued anew, each by \`hub renew NAME\``,
    `the accounts at authorities (${accounts.join(', ') || 'none'}): new ones are made, and limits count anew`,
    `the hub's own CA: each agent (${agents.join(', ') || 'none'}) enrols again with a token of \`hub agent add NAME\``,
    `the master key: \`hub restore\` makes a new one`,
    ...(unfinished > 0 ? [`${unfinished} issuances that are not done`] : []),
    'the secrets of files that hub.toml names (eab_hmac_key_file)',
    'It has: hub.toml, certificates with their names, CNAME targets, grants, API tokens (their hashes), the audit log.',
  ];
}

function opensWith(lock: Lock): string {
  return lock.kind === 'passphrase'
    ? 'It opens with the passphrase alone: keep that in another place. See what is in it: age -d FILE | tar tv'
    : 'It opens with the private key of a recipient. See what is in it: age -d -i KEYFILE FILE | tar tv';
}
