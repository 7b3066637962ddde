import { command } from '@sixhub/base';
import { connection } from './connection.js';

/** Moves of a whole hub: out of one machine and into another. */

const passphraseFile = {
  kind: 'text',
  value: 'FILE',
  summary: 'its first line is the passphrase; else it is asked for at the terminal',
  offer: 'file',
} as const;

export const backup = command({
  name: 'backup',
  summary: 'write all that this hub is into one encrypted file',
  description:
    'hub.toml, master key, certificates with keys, CA, accounts, CNAME targets, agents. The hub may run.\nThe file is written whole or not at all, and is never unencrypted on a disk. It has the age format:\nwith the passphrase or private key, `age -d FILE | tar x` opens it without this program.',
  operands: [
    { name: 'FILE', summary: 'the file to write; - is the standard output', offer: 'file' },
  ],
  options: {
    config: connection.config,
    'passphrase-file': passphraseFile,
    recipient: {
      kind: 'texts',
      value: 'age1…',
      summary: 'encrypt to this public key of `age-keygen` instead of a passphrase',
      short: 'r',
    },
    'recipients-file': {
      kind: 'text',
      value: 'FILE',
      summary: 'to the public keys in this file, a line each',
      offer: 'file',
      short: 'R',
    },
    'without-keys': {
      kind: 'flag',
      summary: 'leave out every key; says what a restore will lack',
    },
    replace: { kind: 'flag', summary: 'where FILE is there already, take its place' },
  },
  examples: [
    { line: 'hub backup /srv/backup/hub.age', does: 'asks for a passphrase, twice' },
    {
      line: 'hub backup /srv/backup/hub.age --replace --passphrase-file /root/backup.pass',
      does: 'for a timer: the old file stays until the new one is whole',
    },
    {
      line: 'hub backup - --recipients-file /etc/sixhub/backup.keys | ssh store "cat > hub.age"',
      does: 'nothing on this machine can open it',
    },
  ],
  run: async (input, terminal) => (await import('./backup.js')).backup(input, terminal),
});

export const restore = command({
  name: 'restore',
  summary: 'make this machine the hub that a backup is of',
  description:
    'Checks all of the backup before it writes anything, and replaces nothing that is there: the state\ndirectory must be empty. CNAMEs, agents and accounts go on working. Says what to do next.',
  operands: [{ name: 'FILE', summary: 'what `hub backup` wrote', offer: 'file' }],
  options: {
    config: {
      kind: 'text',
      value: 'FILE',
      summary: 'where hub.toml goes, or is (default /etc/sixhub/hub.toml)',
      offer: 'file',
      short: 'c',
    },
    'passphrase-file': passphraseFile,
    identity: {
      kind: 'text',
      value: 'FILE',
      summary: 'the private key, for a backup to public keys',
      offer: 'file',
      short: 'i',
    },
    'keep-config': {
      kind: 'flag',
      summary: 'take the hub.toml that is there: for another directory or address',
    },
  },
  examples: [
    { line: 'hub restore hub.age', does: 'asks for the passphrase' },
    {
      line: 'hub restore hub.age --identity backup.key --keep-config',
      does: 'with the hub.toml that was written for this machine',
    },
  ],
  run: async (input, terminal) => (await import('./restore.js')).restore(input, terminal),
});
