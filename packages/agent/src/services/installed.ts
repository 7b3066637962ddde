import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { ServiceKind } from '../domain/service.js';

/** A program that each kind is known by; Debian has daemons in sbin, which a plain user's PATH leaves out. */
const programs: Readonly<Record<ServiceKind, string | undefined>> = {
  apache: 'apache2ctl',
  nginx: 'nginx',
  postfix: 'postconf',
  dovecot: 'doveconf',
  haproxy: 'haproxy',
  exim: 'exim4',
  generic: undefined,
};

export async function isInstalled(kind: ServiceKind): Promise<boolean> {
  const program = programs[kind];
  if (program === undefined) return false;
  const directories = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...['/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  ];
  for (const directory of new Set(directories)) {
    const path = join(directory, program);
    const is = await access(path, constants.X_OK).then(
      () => true,
      () => false, // not there, or not to be run: not installed either way
    );
    if (directory !== '' && is) return true;
  }
  return false;
}
