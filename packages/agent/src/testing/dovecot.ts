import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, loopbackAddress } from './loopback.js';
import { lifeOf, mailRoot, type MailDaemon, type ServedFiles } from './mail-daemon.js';

export type Dovecot = MailDaemon<
  'imap' | 'imaps' | 'pop3' | 'pop3s' | 'lmtp' | 'sieve',
  readonly string[]
>;

/** Debian 12's Dovecot (2.3), which shows one certificate at six listeners and knows one user. */
export async function makeDovecot(served: ServedFiles): Promise<Dovecot> {
  const root = await mailRoot('dovecot');
  const configuration = join(root, 'dovecot.conf');
  const address = loopbackAddress();
  const ports = await freePorts(address, 6);
  const [imap = 0, imaps = 0, pop3 = 0, pop3s = 0, lmtp = 0, sieve = 0] = ports;
  await mkdir(join(root, 'mail'));
  const listeners = {
    imap: { protocol: 'imap', host: address, port: imap },
    imaps: { protocol: 'imaps', host: address, port: imaps },
    pop3: { protocol: 'pop3', host: address, port: pop3 },
    pop3s: { protocol: 'pop3s', host: address, port: pop3s },
    lmtp: { protocol: 'lmtp', host: address, port: lmtp },
    sieve: { protocol: 'sieve', host: address, port: sieve },
  } as const;
  const configure = (lines: readonly string[]): Promise<void> =>
    writeFile(
      configuration,
      [...dovecotConf(root, address, listeners, served), ...lines, ''].join('\n'),
    );
  await configure([]);
  return {
    ...{ root, address, configuration, listeners, configure },
    check: ['doveconf', '-c', configuration, '-n'],
    reload: ['doveadm', '-c', configuration, 'reload'],
    ...lifeOf(root, Object.values(listeners), {
      program: 'dovecot',
      args: ['-F', '-c', configuration],
    }),
  };
}

function dovecotConf(
  root: string,
  address: string,
  listeners: Dovecot['listeners'],
  { certificate, privateKey }: ServedFiles,
): readonly string[] {
  const listener = (name: keyof Dovecot['listeners'], more = ''): string =>
    `  inet_listener ${name} {\n    port = ${listeners[name].port}\n${more}  }\n`;
  return [
    `base_dir = ${root}/run`,
    `state_dir = ${root}/state`,
    `log_path = ${root}/log`,
    `mail_location = maildir:${root}/mail/%u`,
    'protocols = imap pop3 lmtp sieve',
    `listen = ${address}`,
    'ssl = yes',
    `ssl_cert = <${certificate}`,
    `ssl_key = <${privateKey}`,
    'passdb {\n  driver = static\n  args = password=secret\n}',
    `userdb {\n  driver = static\n  args = uid=nobody gid=nogroup home=${root}/mail/%u\n}`,
    `service imap-login {\n${listener('imap')}${listener('imaps', '    ssl = yes\n')}}`,
    `service pop3-login {\n${listener('pop3')}${listener('pop3s', '    ssl = yes\n')}}`,
    `service lmtp {\n${listener('lmtp')}}`,
    `service managesieve-login {\n${listener('sieve')}}`,
  ];
}
