import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon } from './daemon.js';
import { allOf, listensAt } from './fact.js';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import { programFile } from './program-file.js';
import { runTool } from './run-tool.js';
import { makeSelfSigned } from './self-signed.js';

export interface Postfix {
  readonly address: string;
  /** A name of its certificate that no resolver knows. */
  readonly name: string;
  /** PEM; the certificate is its own root. */
  readonly trust: string;
  /** Its user's, which it wants before it takes mail. */
  readonly user: string;
  readonly password: string;
  /** Whole messages as they were delivered, oldest first. */
  messages(): Promise<readonly string[]>;
  log(): Promise<string>;
  /** Its daemons' end; they can be started again. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Debian's Postfix with Dovecot's SASL, from directories of the lab's own: takes mail for `beispiel.test` over TLS. */
export async function startPostfix(lab: Lab): Promise<Postfix> {
  const place = await lab.makeDirectory('postfix');
  const address = lab.address();
  const name = 'mail.beispiel.test';
  const [user, password] = ['hub', 'pass-word-of-the-lab'];
  for (const directory of ['etc', 'queue', 'data', 'mail', 'dovecot']) {
    await mkdir(join(place, directory), { mode: 0o755 });
  }
  await runTool('chown', ['postfix', join(place, 'data')]);
  await runTool('chown', ['nobody:nogroup', join(place, 'mail')]);
  const { certificate, privateKey } = await makeSelfSigned(place, address, name);
  await writeFile(join(place, 'etc', 'main.cf'), mainCf(place, { name, certificate, privateKey }));
  await writeFile(join(place, 'etc', 'master.cf'), masterCf(address));
  await writeFile(join(place, 'dovecot', 'dovecot.conf'), dovecotConf(place, address, password));
  await runTool('postfix', ['-c', join(place, 'etc'), 'check']);
  const dovecot = lab.own(
    await startDaemon({
      name: 'dovecot',
      program: programFile('dovecot', 'dovecot-core'),
      args: ['-F', '-c', join(place, 'dovecot', 'dovecot.conf')],
      logFile: join(place, 'dovecot', 'output'),
      ready: {
        says: 'its SASL socket is there',
        holds: async () => (await readdir(join(place, 'dovecot'))).includes('sasl'),
      },
      whenOrphaned: 'TERM',
    }),
  );
  void dovecot;
  const startMaster = () =>
    startDaemon({
      name: 'postfix',
      program: '/usr/lib/postfix/sbin/master',
      args: ['-d', '-c', join(place, 'etc')],
      env: { MAIL_CONFIG: join(place, 'etc') },
      logFile: join(place, 'output'),
      ready: allOf(listensAt(address, ports.submission), listensAt(address, ports.submissions)),
      whenOrphaned: 'TERM',
    });
  let master = await startMaster();
  lab.own({ [Symbol.asyncDispose]: () => master.stop() });
  const inbox = join(place, 'mail', 'box', 'new');
  return {
    ...{ address, name, user, password, trust: certificate },
    async messages() {
      const files = await readdir(inbox).catch((): readonly string[] => []); // none before the first
      return Promise.all(files.toSorted().map((file) => readFile(join(inbox, file), 'utf8')));
    },
    log: () => readFile(join(place, 'maillog'), 'utf8'),
    stop: () => master.stop(),
    async start() {
      master = await startMaster();
    },
  };
}

function mainCf(
  place: string,
  made: { readonly name: string; readonly certificate: string; readonly privateKey: string },
): string {
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${place}/queue`,
    `data_directory = ${place}/data`,
    'daemon_directory = /usr/lib/postfix/sbin',
    'command_directory = /usr/sbin',
    'meta_directory = /etc/postfix',
    'shlib_directory = /usr/lib/postfix',
    `maillog_file = ${place}/maillog`,
    `maillog_file_prefixes = ${place}`,
    // master.cf says where.
    'inet_interfaces = all',
    `myhostname = ${made.name}`,
    ...['mydestination', 'mynetworks', 'alias_maps', 'local_recipient_maps'].map(
      (setting) => `${setting} =`,
    ),
    'virtual_mailbox_domains = beispiel.test',
    `virtual_mailbox_base = ${place}/mail`,
    'virtual_mailbox_maps = static:box/',
    'virtual_uid_maps = static:65534',
    'virtual_gid_maps = static:65534',
    `smtpd_tls_chain_files = ${made.privateKey}, ${made.certificate}`,
    'smtpd_tls_security_level = encrypt',
    'smtpd_tls_auth_only = yes',
    'smtpd_sasl_auth_enable = yes',
    'smtpd_sasl_type = dovecot',
    `smtpd_sasl_path = ${place}/dovecot/sasl`,
    'smtpd_recipient_restrictions = permit_sasl_authenticated, reject',
    '',
  ].join('\n');
}

function masterCf(address: string): string {
  return [
    `${address}:${ports.submission} inet n - n - - smtpd`,
    `${address}:${ports.submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes`,
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
    'proxymap unix - - n - - proxymap',
    ...['error', 'retry'].map((name) => `${name} unix - - n - - error`),
    'anvil unix - - n - 1 anvil',
    'virtual unix - n n - - virtual',
    'postlog unix-dgram n - n - 1 postlogd',
    '',
  ].join('\n');
}

function dovecotConf(place: string, address: string, password: string): string {
  return `base_dir = ${place}/dovecot/run
state_dir = ${place}/dovecot/state
log_path = ${place}/dovecot/log
protocols =
listen = ${address}
ssl = no
auth_mechanisms = plain login
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}
service auth {
  unix_listener ${place}/dovecot/sasl {
    mode = 0666
  }
}
`;
}
