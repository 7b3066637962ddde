import { expect, test } from 'vitest';
import { newPackages, remnantsAmong, removals } from './install.js';

/** As apt 2.6 of Debian 12 has it. */
const answer = `Reading package lists...
The following NEW packages will be installed:
  libevent-2.1-7 libpython3.11 unbound
The following packages will be upgraded:
  openssl
Inst openssl [3.0.15-1] (3.0.16-1 Debian:12.11/stable [amd64])
Inst libevent-2.1-7 (2.1.12-stable-8 Debian:12.11/stable [amd64])
Inst libpython3.11 (3.11.2-6 Debian:12.11/stable [amd64]) []
Inst unbound (1.17.1-2 Debian:12.11/stable [amd64])
Conf libevent-2.1-7 (2.1.12-stable-8 Debian:12.11/stable [amd64])
`;

test('what is taken out again is what came in, and not what was only renewed', async () => {
  const asked: (readonly string[])[] = [];
  const run = (_: string, args: readonly string[]) => {
    asked.push(args);
    return Promise.resolve({ kind: 'exited', code: 0, stdout: answer, stderr: '' } as const);
  };
  expect(await newPackages(run, ['unbound'])).toEqual([
    'unbound',
    'libevent-2.1-7',
    'libpython3.11',
  ]);
  expect(asked).toEqual([expect.arrayContaining(['--simulate', 'unbound'])]);
  expect(await newPackages(run, [])).toEqual([]);
});

test('files that a package left in /etc once stay when it is taken out again; what was half done is ended first', async () => {
  const run = () =>
    Promise.resolve({
      kind: 'exited',
      code: 1,
      stdout: 'rc  bind9\nun  unbound\nii  openssl\n',
      stderr: 'dpkg-query: no packages found matching ndppd\n',
    } as const);
  const remnants = await remnantsAmong(run, ['bind9', 'unbound', 'openssl', 'ndppd']);
  expect(remnants).toEqual(['bind9']);
  const commands = removals(['bind9', 'unbound'], remnants).map((words) => words.join(' '));
  expect(commands).toEqual([
    'dpkg --force-confold --configure -a',
    expect.stringMatching(/^apt-get .* remove bind9$/),
    expect.stringMatching(/^apt-get .* purge unbound$/),
  ]);
  expect(removals([], [])).toEqual([]);
});
