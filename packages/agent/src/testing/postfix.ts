import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, loopbackAddress } from './loopback.js';
import { command, lifeOf, mailRoot, type MailDaemon, type ServedFiles } from './mail-daemon.js';

export interface PostfixChange {
  /** Of main.cf: a later line has the word. */
  readonly main?: readonly string[];
  /** Services of master.cf. */
  readonly master?: readonly string[];
}

export type Postfix = MailDaemon<'smtp' | 'submission' | 'submissions', PostfixChange>;

/** Debian's Postfix, which shows one certificate at three listeners and takes no mail. */
export async function makePostfix(served: ServedFiles): Promise<Postfix> {
  const root = await mailRoot('postfix');
  const configuration = join(root, 'etc');
  const address = loopbackAddress();
  const [smtp = 0, submission = 0, submissions = 0] = await freePorts(address, 3);
  for (const directory of ['etc', 'queue', 'data']) await mkdir(join(root, directory));
  const configure = async (change: PostfixChange): Promise<void> => {
    const lines = [...mainCf(root, served), ...(change.main ?? []), ''];
    const services = [
      `${address}:${smtp} inet n - n - - smtpd`,
      `${address}:${submission} inet n - n - - smtpd`,
      '  -o syslog_name=postfix/submission -o smtpd_tls_security_level=encrypt',
      `${address}:${submissions} inet n - n - - smtpd`,
      '  -o syslog_name=postfix/submissions -o smtpd_tls_wrappermode=yes',
      ...innerServices,
      ...(change.master ?? []),
      '',
    ];
    await writeFile(join(configuration, 'main.cf'), lines.join('\n'));
    await writeFile(join(configuration, 'master.cf'), services.join('\n'));
  };
  await configure({});
  await command(['chown', 'postfix', join(root, 'data')]);
  const listeners = {
    smtp: { protocol: 'smtp', host: address, port: smtp },
    submission: { protocol: 'smtp', host: address, port: submission },
    submissions: { protocol: 'smtps', host: address, port: submissions },
  } as const;
  const check = ['postfix', '-c', configuration, 'check'] as const;
  await command(check); // makes the directories of the queue
  const life = lifeOf(root, Object.values(listeners), {
    program: '/usr/lib/postfix/sbin/master',
    args: ['-d', '-c', configuration],
    env: { MAIL_CONFIG: configuration },
  });
  const reload = ['postfix', '-c', configuration, 'reload'] as const;
  return { root, address, configuration, listeners, check, reload, configure, ...life };
}

function mainCf(root: string, { certificate, privateKey }: ServedFiles): readonly string[] {
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${root}/queue`,
    `data_directory = ${root}/data`,
    'daemon_directory = /usr/lib/postfix/sbin',
    'command_directory = /usr/sbin',
    'meta_directory = /etc/postfix',
    'shlib_directory = /usr/lib/postfix',
    `maillog_file = ${root}/maillog`,
    `maillog_file_prefixes = ${root}`,
    // master.cf says where.
    'inet_interfaces = all',
    'myhostname = mail.example.org',
    ...['mydestination', 'mynetworks', 'alias_maps', 'local_recipient_maps'].map(
      (parameter) => `${parameter} =`,
    ),
    'smtpd_recipient_restrictions = reject',
    'smtpd_tls_security_level = may',
    `smtpd_tls_cert_file = ${certificate}`,
    `smtpd_tls_key_file = ${privateKey}`,
  ];
}

const innerServices: readonly string[] = [
  'cleanup unix n - n - 0 cleanup',
  'qmgr unix n - n 300 1 qmgr',
  'tlsmgr unix - - n 1000? 1 tlsmgr',
  'rewrite unix - - n - - trivial-rewrite',
  ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
  'proxymap unix - - n - - proxymap',
  ...['error', 'retry'].map((name) => `${name} unix - - n - - error`),
  'anvil unix - - n - 1 anvil',
  'dnsblog unix - - n - 0 dnsblog',
  'tlsproxy unix - - n - 0 tlsproxy',
  'smtpd pass - - n - - smtpd',
  'postlog unix-dgram n - n - 1 postlogd',
];
