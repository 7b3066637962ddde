import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programFailure, runProgram } from '@sixhub/base';
import type { ReaderParts } from '../services/reader-parts.js';
import { freePorts, loopbackAddress } from './loopback.js';
import { command, lifeOf, mailRoot, type MailDaemon, type ServedFiles } from './mail-daemon.js';
import { realParts } from './reader-parts.js';

export interface Exim extends MailDaemon<'smtp' | 'submissions', readonly string[]> {
  /** This machine with its Exim, which is not where an installed one is. */
  readonly parts: ReaderParts;
}

const extracted = fileURLToPath(
  new URL('../../../../scripts/setup/extracted.mjs', import.meta.url),
);

/**
 * Debian's Exim, which shows one certificate at two listeners and takes no mail. It reads keys as the user `mail`, in
 * whose reach they must be. Lines of a change go to its main section, where a second setting of an option is an error:
 * they replace the first.
 */
export async function makeExim(served: ServedFiles): Promise<Exim> {
  const program = await eximProgram();
  const root = await mailRoot('exim');
  const configuration = join(root, 'exim.conf');
  const address = loopbackAddress();
  const [smtp = 0, submissions = 0] = await freePorts(address, 2);
  for (const directory of ['spool', 'log']) await mkdir(join(root, directory));
  await command(['chown', '-R', 'mail:mail', root]);
  const usual = mainOptions(program, root, served, { address, smtp, submissions });
  const configure = async (lines: readonly string[]): Promise<void> => {
    const changed = new Set(lines.map(optionIn));
    const main = [...usual.filter((line) => !changed.has(optionIn(line))), ...lines];
    await writeFile(configuration, `${main.join('\n')}\nbegin acl\ndeny_all:\n  deny\n`);
  };
  await configure([]);
  const listeners = {
    smtp: { protocol: 'smtp', host: address, port: smtp },
    submissions: { protocol: 'smtps', host: address, port: submissions },
  } as const;
  return {
    ...{ root, address, configuration, listeners, configure },
    check: [program, '-C', configuration, '-bV'],
    reload: ['pkill', '-HUP', '--pidfile', join(root, 'exim.pid')],
    parts: {
      ...realParts,
      run: (file, args, options) => realParts.run(file === 'exim4' ? program : file, args, options),
    },
    ...lifeOf(root, Object.values(listeners), { program, args: ['-C', configuration, '-bdf'] }),
  };
}

async function eximProgram(): Promise<string> {
  const result = await runProgram(process.execPath, [extracted], { timeoutMs: 120_000 });
  const failure = programFailure(result);
  if (result.kind === 'exited' && failure === undefined) return result.stdout.trim();
  throw new Error(`this test needs Debian's Exim: ${failure ?? ''}`);
}

function optionIn(line: string): string {
  return line.replace(/ =.*/s, '');
}

function mainOptions(
  program: string,
  root: string,
  { certificate, privateKey }: ServedFiles,
  at: { readonly address: string; readonly smtp: number; readonly submissions: number },
): readonly string[] {
  return [
    `exim_path = ${program}`,
    'keep_environment =',
    `spool_directory = ${root}/spool`,
    `log_file_path = ${root}/log/%slog`,
    `pid_file_path = ${root}/exim.pid`,
    'primary_hostname = mail.example.org',
    'host_lookup =',
    'rfc1413_query_timeout = 0s',
    'acl_smtp_rcpt = deny_all',
    `local_interfaces = <; ${at.address}`,
    `daemon_smtp_ports = ${at.smtp} : ${at.submissions}`,
    `tls_on_connect_ports = ${at.submissions}`,
    'tls_advertise_hosts = *',
    `tls_certificate = ${certificate}`,
    `tls_privatekey = ${privateKey}`,
  ];
}
