import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, runProgram } from '@sixhub/base';
import { freePort } from './loopback.js';
import type { WebDaemon } from './web-daemon.js';

export type Nginx = WebDaemon;

/** `configure` puts lines in place of its servers, around `http` too. */
export async function makeNginx(
  root: string,
  live: string,
  hosts: readonly { readonly name: string; readonly certificate: string }[],
): Promise<Nginx> {
  const missing = programFailure(await runProgram('nginx', ['-v']));
  if (missing !== undefined)
    throw new Error(`this test needs the Debian package nginx: ${missing}`);
  await mkdir(root, { recursive: true });
  const host = `127.7.${process.pid % 250}.2`;
  const address = `${host}:${await freePort(host)}`;
  const configFile = join(root, 'nginx.conf');
  const log = join(root, 'error.log');
  const pidFile = join(root, 'nginx.pid');
  const head = [`pid ${pidFile};`, `error_log ${log};`, 'events { worker_connections 64; }', ''];
  const servers = hosts.flatMap(({ name, certificate }) => [
    '  server {',
    `    listen ${address} ssl;`,
    `    server_name ${name};`,
    `    ssl_certificate ${live}/${certificate}/fullchain.pem;`,
    `    ssl_certificate_key ${live}/${certificate}/privkey.pem;`,
    '  }',
  ]);
  const configure = (lines: string): Promise<void> =>
    writeFile(configFile, `${head.join('\n')}${lines}\n`);
  await configure(['http {', ...nginxPaths(root), ...servers, '}'].join('\n'));
  const nginx = async (...words: readonly string[]): Promise<void> => {
    // Before it has read its file, it opens the log that was built in.
    const failure = programFailure(
      await runProgram('nginx', ['-e', log, '-c', configFile, ...words]),
    );
    if (failure === undefined) return;
    const told = await readFile(log, 'utf8').catch(() => '');
    throw new Error(`nginx ${words.join(' ')}: ${failure}\n${told}`);
  };
  const running = (): Promise<boolean> =>
    readFile(pidFile, 'utf8').then(
      (pid) => pid.trim() !== '',
      () => false,
    );
  const made: Nginx = {
    address,
    configFile,
    check: ['nginx', '-t', '-q', '-c', configFile],
    reload: ['nginx', '-c', configFile, '-s', 'reload'],
    start: () => nginx(),
    async stop() {
      if (!(await running())) return;
      await nginx('-s', 'stop').catch(() => undefined); // it may have died by itself
      for (let tries = 0; tries < 100 && (await running()); tries++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    configure,
    [Symbol.asyncDispose]: () => made.stop(),
  };
  return made;
}

/** What `http` writes, which else is Debian's. */
export function nginxPaths(root: string): readonly string[] {
  return [
    '  access_log off;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `  ${kind}_temp_path ${join(root, kind)};`,
    ),
  ];
}
