import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, runProgram } from '@sixhub/base';
import { freePort } from './loopback.js';
import type { WebDaemon } from './web-daemon.js';

export type Apache = WebDaemon;

/** `configure` adds lines to the end of its configuration; none brings it back. */
export async function makeApache(
  root: string,
  live: string,
  hosts: readonly { readonly name: string; readonly certificate: string }[],
): Promise<Apache> {
  const version = await runProgram('apache2', ['-v']);
  const missing = programFailure(version);
  if (missing !== undefined)
    throw new Error(`this test needs the Debian package apache2: ${missing}`);
  await mkdir(join(root, 'logs'), { recursive: true });
  const address = `127.7.${process.pid % 250}.1`;
  const port = await freePort(address);
  const configFile = join(root, 'apache2.conf');
  const whole = [
    `ServerRoot ${root}`,
    `DefaultRuntimeDir ${root}`,
    `PidFile ${root}/apache.pid`,
    `Mutex file:${root}`,
    `ErrorLog ${root}/logs/error.log`,
    'ServerName test.invalid',
    ...['mpm_event', 'authz_core', 'socache_shmcb', 'ssl'].map(
      (module) => `LoadModule ${module}_module /usr/lib/apache2/modules/mod_${module}.so`,
    ),
    `Listen ${address}:${port}`,
    `SSLSessionCache shmcb:${root}/ssl-cache(512000)`,
    ...hosts.flatMap(({ name, certificate }) => [
      `<VirtualHost ${address}:${port}>`,
      `  ServerName ${name}`,
      '  SSLEngine on',
      `  SSLCertificateFile ${live}/${certificate}/fullchain.pem`,
      `  SSLCertificateKeyFile ${live}/${certificate}/privkey.pem`,
      '</VirtualHost>',
    ]),
    '',
  ].join('\n');
  await writeFile(configFile, whole);
  const control = async (action: string): Promise<void> => {
    const failure = programFailure(await runProgram('apache2', ['-f', configFile, '-k', action]));
    if (failure === undefined) return;
    const log = await readFile(join(root, 'logs/error.log'), 'utf8').catch(() => '');
    throw new Error(`apache2 -k ${action}: ${failure}\n${log}`);
  };
  const pid = async (): Promise<number | undefined> => {
    const text = await readFile(join(root, 'apache.pid'), 'utf8').catch(() => '');
    return text === '' ? undefined : Number(text);
  };
  const stop = async (): Promise<void> => {
    if ((await pid()) === undefined) return;
    await control('stop').catch(() => undefined); // it may have died by itself, which some tests are about
    for (let tries = 0; tries < 100 && (await pid()) !== undefined; tries++) {
      await pause();
    }
  };
  return {
    address: `${address}:${port}`,
    configFile,
    check: ['apache2', '-t', '-f', configFile],
    reload: ['apache2', '-f', configFile, '-k', 'graceful'],
    start: () => control('start'),
    stop,
    configure: (lines) => writeFile(configFile, `${whole}${lines}\n`),
    async [Symbol.asyncDispose]() {
      await stop();
      // A run that a test killed may still be at its -k graceful, which starts one where none runs: all of this file end.
      const all = ['-f', `^apache2 -f ${configFile} `];
      while (programFailure(await runProgram('pgrep', all)) === undefined) {
        await runProgram('pkill', all);
        await pause();
      }
    },
  };
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
