import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import { checkoutRoot } from '../../lab/index.js';

/**
 * What the unit lets a run write, by mounts as systemd makes them (ProtectSystem=strict, ReadWritePaths): the services'
 * own checks, with Debian's own configuration, must pass there as they pass for root at a terminal.
 */
async function inSandbox(words: readonly string[]): Promise<string | undefined> {
  const unit = await readFile(
    join(checkoutRoot, 'packages/agent/systemd/sixhub-agent.service'),
    'utf8',
  );
  const writable = [...unit.matchAll(/^ReadWritePaths=(.*)$/gm)]
    .flatMap(([, paths = '']) => paths.split(' '))
    .map((path) => path.replace(/^-/, ''));
  const script = `for d in /usr /etc /var; do
  mount --bind "$d" "$d" && mount -o remount,ro,bind "$d" || exit 99
done
while [ "$1" != -- ]; do
  if [ -e "$1" ]; then mount --bind "$1" "$1" && mount -o remount,rw,bind "$1" || exit 99; fi
  shift
done
shift
exec "$@"`;
  const args = ['-m', 'sh', '-c', script, 'sh', ...writable, '--', ...words];
  const result = await runProgram('unshare', args);
  return programFailure(result);
}

test.each([
  ['apache', ['apache2ctl', '-t']],
  ['nginx', ['nginx', '-t']],
  ['nginx’s own print', ['nginx', '-T', '-q']],
  ['dovecot', ['doveconf', '-n']],
  ['haproxy', ['haproxy', '-c', '-q', '-f', '/etc/haproxy/haproxy.cfg']],
  ['postfix', ['postmap', '-q', 'any', 'inline:{any=none}']],
])('%s checks its configuration within what the unit lets a run write', async (_name, words) => {
  expect(await inSandbox(words)).toBeUndefined();
});

test('Postfix’s maps can be rebuilt there', async () => {
  const place = await mkdtemp(join('/etc/postfix', 'sixhub-test-'));
  try {
    await writeFile(join(place, 'map'), 'a b\n');
    expect(await inSandbox(['postmap', `hash:${join(place, 'map')}`])).toBeUndefined();
  } finally {
    await rm(place, { recursive: true });
  }
  expect(await inSandbox(['touch', '/etc/sixhub-test']), 'and nothing else').toMatch(/read-only/i);
});
