import { exitCodes, usageError, type ExitCode, type Terminal } from '@sixhub/base';
import type { Inventory } from '../backup/inventory.js';
import { openBackup, readBackup } from '../backup/open-backup.js';
import { restore as putBack, type Restored } from '../backup/restore-backup.js';
import { lockOf, type Key } from '../backup/sealed-file.js';
import { defaultConfigFile } from '../config/config-file.js';
import { ownZone } from '../config/own-zone.js';
import { zoneRecords } from '../domain/public-record.js';
import { counted, lackingWithoutKeys, orphansOf } from './backup.js';
import { passphraseFrom, readSecretFile } from './passphrase.js';

interface RestoreInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: {
    readonly config: string | undefined;
    readonly 'passphrase-file': string | undefined;
    readonly identity: string | undefined;
    readonly 'keep-config': boolean;
  };
}

export async function restore(
  { operands, options, json }: RestoreInput,
  terminal: Terminal,
): Promise<ExitCode> {
  process.umask(0o077);
  const path = operands[0] ?? '';
  const file = options.config ?? defaultConfigFile;
  const sealed = await readBackup(path);
  const key = await keyFor(lockOf(sealed), options, terminal);
  const { contents, inventory } = await openBackup(sealed, key);
  const place = { file, keepConfig: options['keep-config'] };
  const restored = await putBack(contents, place);
  const { manifest } = contents;
  const lacks = manifest.keys ? [] : lackingWithoutKeys(inventory);
  terminal.out(
    json
      ? JSON.stringify({
          ...{ config: file, state: restored.config.state, ...manifest },
          ...{ ...inventory, lacks, strayKey: restored.strayKey ?? null },
          records: zoneRecords(ownZone(restored.config)),
        })
      : [
          `restored ${path}, made ${manifest.madeAt} on ${manifest.host}, into ${restored.config.state}`,
          `  ${counted(inventory)}`,
          ...orphansOf(inventory),
          ...told(file, restored),
          ...(lacks.length === 0 ? [] : ['It lacks:', ...lacks.map((line) => `  - ${line}`)]),
          ...next(restored, inventory, manifest.keys),
        ].join('\n'),
  );
  return exitCodes.done;
}

async function keyFor(
  lock: ReturnType<typeof lockOf>,
  options: RestoreInput['options'],
  terminal: Terminal,
): Promise<Key> {
  if (lock === 'passphrase') {
    const file = options['passphrase-file'];
    return {
      kind: 'passphrase',
      passphrase: await passphraseFrom(file, { twice: false }, terminal.signal),
    };
  }
  if (options.identity === undefined) {
    throw usageError(
      'the backup was encrypted to public keys',
      'Name the file with the private key of one of them: --identity FILE',
    );
  }
  const lines = (await readSecretFile(options.identity, '--identity')).split(/\r?\n/);
  return {
    kind: 'identities',
    identities: lines.map((line) => line.trim()).filter((line) => /^[^#]/.test(line)),
  };
}

function told(file: string, { wroteConfig, strayKey, named, lacking, config }: Restored): string[] {
  return [
    wroteConfig ? `wrote ${file}` : `kept ${file}`,
    ...named.map((path) => `wrote ${path}, which hub.toml names`),
    ...lacking.map((path) => `lacking: ${path}, which hub.toml names and the backup does not have`),
    ...(strayKey === undefined
      ? []
      : [
          `The master key is in ${strayKey}, since ${config.master_key ?? ''} can't be made here. Make it the credential`,
          `(systemd-creds encrypt --name=master.key ${strayKey} FILE) and delete it, or take \`master_key\` out of hub.toml.`,
        ]),
  ];
}

function next({ config }: Restored, { certificates }: Inventory, keys: boolean): string[] {
  const records = zoneRecords(ownZone(config));
  return [
    '',
    'Next:',
    '1. The hub that this was a backup of must not run any more: two of them would undo each other.',
    '2. Does this machine have other addresses? Then change them in hub.toml (`addresses` and `listen`), and where',
    `   ${parentOf(config.acme_dns.domain)} is kept, so that the world asks this machine:`,
    ...records.map(
      ({ name, type, value }) =>
        `     ${name}. 3600 IN ${type} ${value}${type === 'NS' ? '.' : ''}`,
    ),
    `   Agents ask ${config.agents.addresses.join(', ') || 'the name of this machine'}; no CNAME changes.`,
    `3. Its files belong to the hub's user: chown -R sixhub ${config.state}`,
    '4. Start it (systemctl enable --now sixhub, or: hub serve), then: hub doctor',
    ...(keys ? [] : [`5. ${certificates.map((name) => `hub renew ${name}`).join('; ')}`]),
  ];
}

function parentOf(domain: string): string {
  return domain.slice(domain.indexOf('.') + 1);
}
