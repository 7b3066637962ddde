import { readFile } from 'node:fs/promises';
import { errorText, exitCodes, SixhubError } from '@sixhub/base';
import type { PushForm } from '../domain/push-target.js';

/** Where the receiver and its list lie on a host, unless somebody puts them elsewhere. */
export const receiverPlaces = {
  program: '/usr/local/lib/sixhub-push/receiver',
  list: '/etc/sixhub/push.conf',
} as const;

/** The program itself, as it comes with this hub. */
export async function receiverProgram(): Promise<string> {
  const file = new URL('../../assets/push-receiver.sh', import.meta.url);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SixhubError({
      code: 'receiver-missing',
      fact: `the receiver that goes with this hub is not there: ${errorText(error)}`,
      hint: 'Install the hub again.',
      exit: exitCodes.usage,
    });
  }
}

/** sshd(8), AUTHORIZED_KEYS: no forwarding, no terminal, and one program, whatever is asked for. */
export function authorizedKey(publicKey: string, bound: 'receiver' | 'unbound'): string {
  return bound === 'receiver'
    ? `restrict,command="/bin/sh ${receiverPlaces.program}" ${publicKey}`
    : `restrict ${publicKey}`;
}

/** A file as the list names it. */
export interface ListedFile {
  readonly form: PushForm;
  readonly path: string;
  readonly mode: number;
  readonly owner: string | undefined;
}

export interface ListedCertificate {
  readonly certificate: string;
  readonly files: readonly ListedFile[];
  readonly check: string | undefined;
  readonly reload: string | undefined;
}

/** A list to begin with; from then on it is the host's own. */
export function listText(all: readonly ListedCertificate[]): string {
  const lines = all.flatMap(({ certificate, files, check, reload }) => [
    '',
    `certificate ${certificate}`,
    ...files.map(({ form, path, mode, owner }) =>
      ['file', form, path, mode.toString(8), ...(owner === undefined ? [] : [owner])].join(' '),
    ),
    ...(check === undefined ? [] : [`check ${check}`]),
    ...(reload === undefined ? [] : [`reload ${reload}`]),
  ]);
  return [
    '# What a hub may bring here, and what is run then. Nothing else is written or run.',
    ...lines,
    '',
  ].join('\n');
}
