import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '@sixhub/base';
import { expect, it } from 'vitest';
import { startHub } from '../testing/hub-stand-in.js';
import { makeMachine } from '../testing/machine.js';

const main = fileURLToPath(new URL('../../bin/hub-agent.js', import.meta.url));

/** A network of its own, in which a resolver is at the other end of a wire and says nothing. */
const silence = `ip link add here type veth peer name there
ip link set here up && ip link set there up
ip addr add 198.51.100.1/24 dev here
ip neigh add 198.51.100.2 lladdr 02:00:00:00:00:02 dev here
mount --bind "$0" /etc/resolv.conf
exec "$@"`;

it('a hub whose name nobody looks up is told as such', async () => {
  await using hub = await startHub();
  await using machine = await makeMachine();
  await machine.agent(['enroll'], hub.token());
  const identity = join(machine.state, 'identity.json');
  const known = JSON.parse(await readFile(identity, 'utf8'));
  await writeFile(identity, JSON.stringify({ ...known, hubs: ['https://hub.example.org:8444'] }));
  const resolver = join(machine.root, 'resolv.conf');
  await writeFile(resolver, 'nameserver 198.51.100.2\n');
  const run = await runProgram('unshare', [
    ...['-n', '-m', 'sh', '-ec', silence, resolver],
    ...[process.execPath, main, 'run', '--config', join(machine.root, 'agent.toml')],
  ]);
  expect(run).toMatchObject({ kind: 'exited', code: 4 });
  expect(run.kind === 'exited' && run.stderr).toContain(
    'https://hub.example.org:8444: its name could not be looked up',
  );
});
