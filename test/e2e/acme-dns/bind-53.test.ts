import { readFile, writeFile } from 'node:fs/promises';
import { runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import { commandLine, makeAcmeDns, openLab, ports, programFile } from '../../lab/index.js';

test('without the right to listen on port 53 it says so, and how to get it', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const config = await readFile(house.config, 'utf8');
  const place = '127.0.0.1:53';
  await writeFile(house.config, config.replace(`${house.address}:${ports.dns}`, place));
  // A network of its own, where low ports are guarded as on every Debian, and a user whom nothing lets near them.
  const result = await runProgram(programFile('unshare', 'util-linux'), [
    ...[
      '--user',
      '--map-root-user',
      '--net',
      '/bin/sh',
      '-c',
      'ip link set lo up && exec "$@"',
      'sh',
    ],
    programFile('setpriv', 'util-linux'),
    ...['--inh-caps=-net_bind_service', '--bounding-set=-net_bind_service'],
    ...[process.execPath, ...commandLine('acme-dns', ['serve', '-c', house.config])],
  ]);
  expect(result).toEqual({
    kind: 'exited',
    code: 2,
    stdout: '',
    stderr:
      `error: ${place} (UDP): this user may not listen on ports below 1024\n` +
      '  Start it by its systemd unit (AmbientCapabilities=CAP_NET_BIND_SERVICE), or give the right once:\n' +
      `  setcap cap_net_bind_service=+ep ${process.execPath}\n`,
  });
});
