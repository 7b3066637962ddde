import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, runProgram } from '@sixhub/base';
import { freePort } from './loopback.js';
import type { WebDaemon } from './web-daemon.js';

export type Haproxy = WebDaemon;

/**
 * Each certificate is live/NAME/joined.pem: certificate, chain and key in one file, as HAProxy has them. `configure` puts
 * lines in place of its frontend. Its reload ends the one before when its connections end: what a signal to the master
 * does under systemd.
 */
export async function makeHaproxy(
  root: string,
  live: string,
  certificates: readonly string[],
): Promise<Haproxy> {
  const missing = programFailure(await runProgram('haproxy', ['-v']));
  if (missing !== undefined)
    throw new Error(`this test needs the Debian package haproxy: ${missing}`);
  await mkdir(root, { recursive: true });
  const host = `127.7.${process.pid % 250}.3`;
  const address = `${host}:${await freePort(host)}`;
  const configFile = join(root, 'haproxy.cfg');
  const pidFile = join(root, 'haproxy.pid');
  const head = [
    'global',
    '  maxconn 64',
    'defaults',
    '  mode http',
    '  timeout connect 5s',
    '  timeout client 5s',
    '  timeout server 5s',
    '',
  ].join('\n');
  const configure = (lines: string): Promise<void> => writeFile(configFile, `${head}${lines}\n`);
  await configure(
    [
      'frontend main',
      `  bind ${address} ssl ${certificates.map((name) => `crt ${live}/${name}/joined.pem`).join(' ')}`,
      '  http-request return status 200',
    ].join('\n'),
  );
  const haproxy: Haproxy = {
    address,
    configFile,
    check: ['haproxy', '-c', '-q', '-f', configFile],
    reload: [
      'sh',
      '-c',
      'exec haproxy -D -f "$1" -p "$2" -sf $(cat "$2")',
      'sh',
      configFile,
      pidFile,
    ],
    async start() {
      const words = ['-D', '-f', configFile, '-p', pidFile];
      const failure = programFailure(await runProgram('haproxy', words, { cwd: '/' }));
      if (failure !== undefined) throw new Error(`haproxy: ${failure}`);
    },
    async stop() {
      // Not only the last one of its pid file: one that was told to end when its connections do may still be there.
      for (const pid of await processesWith(configFile)) {
        try {
          process.kill(Number(pid), 'SIGTERM');
        } catch {
          continue; // it may have died by itself
        }
        for (let tries = 0; tries < 100 && (await lives(pid)); tries++) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      await writeFile(pidFile, '');
    },
    configure,
    [Symbol.asyncDispose]: () => haproxy.stop(),
  };
  return haproxy;
}

/** The processes that have this word on their command line. */
async function processesWith(word: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it has ended
      return line.startsWith('haproxy\0') && line.split('\0').includes(word) ? [pid] : [];
    }),
  );
  return lines.flat();
}

/** An ended daemon can stay as a zombie where nobody waits for it. */
async function lives(pid: string): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return status !== '' && !/^State:\s+Z/m.test(status);
}
