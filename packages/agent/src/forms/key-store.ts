import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, type ProgramResult, type RunProgram } from '@sixhub/base';
import type { Copy } from '../domain/keeping.js';
import type { Made } from './made-form.js';
import { passwordFileFault } from './password.js';

/**
 * PKCS#12 by openssl(1), JKS from that by keytool(1): both know more of other people's readers than code of ours would.
 * Neither key nor password is an argument: openssl reads the key from the version's own privkey.pem, both read the
 * password from its own file. What they write lies in a directory that only the agent enters, for as long as it takes.
 */
export async function makeKeyStore(
  run: RunProgram,
  workshop: string,
  copy: Copy,
  directory: string,
): Promise<Made> {
  const { form, passwordFile = '', alias } = copy;
  const unfit = await passwordFileFault(passwordFile);
  if (unfit !== undefined) return failed(unfit);
  await rm(workshop, { recursive: true, force: true });
  await mkdir(workshop, { mode: 0o700 });
  try {
    const pkcs12 = join(workshop, 'store.p12');
    const locks = form === 'pkcs12-3des' ? older : modern;
    const exported = await run('openssl', [
      ...['pkcs12', '-export', '-out', pkcs12, '-name', alias],
      ...['-in', join(directory, 'fullchain.pem'), '-inkey', join(directory, 'privkey.pem')],
      ...['-passout', `file:${passwordFile}`, ...locks],
    ]);
    const refused = failureOf('openssl', 'openssl', exported);
    if (refused !== undefined) return failed(refused);
    if (form !== 'jks') return { kind: 'made', content: await readFile(pkcs12) };

    const jks = join(workshop, 'store.jks');
    const imported = await run('/bin/sh', [
      // keytool makes its file with the umask alone; openssl makes its own with 0600.
      ...['-c', 'umask 077 && exec "$@"', 'sh'],
      // -XX:-UsePerfData: a JVM leaves a file in /tmp else.
      ...['keytool', '-J-XX:-UsePerfData', '-importkeystore', '-noprompt'],
      ...['-srckeystore', pkcs12, '-srcstoretype', 'PKCS12', '-srcalias', alias],
      ...['-destkeystore', jks, '-deststoretype', 'JKS', '-destalias', alias],
      ...['-srcstorepass:file', passwordFile, '-deststorepass:file', passwordFile],
      ...['-destkeypass:file', passwordFile],
    ]);
    const balked = failureOf('keytool', 'default-jre-headless', imported);
    if (balked !== undefined) return failed(balked);
    return { kind: 'made', content: await readFile(jks) };
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** Rounds of PBKDF2. Windows refuses files that ask for too many altogether (KB5025823: 600 000, over all its parts). */
const modern = [
  ...['-keypbe', 'AES-256-CBC', '-certpbe', 'AES-256-CBC'],
  ...['-macalg', 'sha256', '-iter', '50000'],
];
/** What OpenSSL 3 has without its legacy provider, and Windows Server 2012 and 2016 read (RC2 they read, it has not). */
const older = [
  ...['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES'],
  ...['-macalg', 'sha1', '-iter', '2048'],
];

/** In the program's own words, or with the package that it is missing from. keytool has its words on standard output. */
function failureOf(
  program: string,
  debianPackage: string,
  result: ProgramResult,
): string | undefined {
  const missing =
    (result.kind === 'not-started' && result.reason.startsWith('there is no program')) ||
    (result.kind === 'exited' && result.code === 127);
  if (missing) return `${program} is not on this machine: apt install ${debianPackage}`;
  const failure = programFailure(result);
  if (failure === undefined) return undefined;
  const said = result.kind === 'exited' ? result.stdout.trim().slice(-1_000) : '';
  return `${program}: ${said === '' ? failure : said}`;
}

function failed(why: string): Made {
  return { kind: 'failed', why };
}
