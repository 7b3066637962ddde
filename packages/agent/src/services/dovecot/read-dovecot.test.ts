import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { recordedParts, usesOf } from '../../testing/reader-parts.js';
import { readDovecot } from './read-dovecot.js';

/** Printed by Debian 13's Dovecot 2.4.1; of `-a` only what is about listeners and TLS. */
const recorded = async (name: string): Promise<string> =>
  readFile(
    fileURLToPath(new URL(`../../../src/services/dovecot/recorded/${name}`, import.meta.url)),
    'utf8',
  );

const file = '/dovecot.conf';
const told =
  'ssl = yes\nssl_server {\n  cert_file = /tls/wild.pem\n  key_file = /tls/wild.key\n}\n';

async function answers(): Promise<Record<string, string>> {
  const by = '-f protocol=imap -f local_name=mail.example.org';
  return {
    [`doveconf -c ${file} -a`]: await recorded('doveconf-2.4.1-a.txt'),
    [`doveconf -c ${file} ssl ssl_server listen protocols service`]: await recorded(
      'doveconf-2.4.1-service.txt',
    ),
    [`doveconf -c ${file} ${by} -f local=127.0.0.1 -f remote=127.0.0.1 ssl ssl_server`]: told,
    [`doveconf -c ${file} ${by} -f local=::1 -f remote=::1 ssl ssl_server`]: told,
    [`doveconf -c ${file} -f protocol=lmtp -f local_name=mail.example.org ssl ssl_server`]: told,
  };
}

it('reads Dovecot 2.4: built-in ports, protocols as a block, the last of several blocks', async () => {
  const parts = recordedParts(await answers(), { '/proc/net/if_inet6': '0 lo\n' });
  expect(usesOf(await readDovecot(parts, file))).toEqual(
    [
      '127.0.0.1:993 - /tls/main.pem',
      '127.0.0.1:993 mail.example.org /tls/wild.pem',
      '[::1]:993 - /tls/main.pem',
      '[::1]:993 mail.example.org /tls/wild.pem',
      '192.0.2.1:24 - /tls/main.pem',
      '192.0.2.1:24 mail.example.org /tls/wild.pem',
    ].toSorted(),
  );
});

it('says no name that Dovecot itself can not say', async () => {
  const all = Object.entries(await answers()).filter(([line]) => !line.includes('-f '));
  expect(usesOf(await readDovecot(recordedParts(Object.fromEntries(all)), file))).toEqual([
    '127.0.0.1:993 - /tls/main.pem',
    '192.0.2.1:24 - /tls/main.pem',
  ]);
});

it('is unread where Dovecot is not installed', async () => {
  expect(await readDovecot(recordedParts({}), undefined)).toEqual({
    kind: 'unread',
    why: 'there is no program doveconf',
  });
});
