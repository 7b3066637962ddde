import { runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import {
  acmeDnsZone,
  logSays,
  makeAcmeDns,
  openLab,
  openNetwork,
  programFile,
} from '../../lab/index.js';

test('a wildcard is every address that the machine has, and gets later', async () => {
  await using lab = await openLab();
  const network = await openNetwork(lab);
  const house = await makeAcmeDns(lab, {}, { network, address: '127.0.0.1', listen: ':53' });
  await house.serve(logSays(/"addresses":\["127\.0\.0\.1:53","\[::1\]:53"\]/));
  const inside = async (name: string, words: readonly string[]): Promise<string> => {
    const ended = await runProgram(...network.inside(programFile(name), words));
    return 'stdout' in ended ? ended.stdout : '';
  };
  const soaAt = (address: string): Promise<string> =>
    inside('dig', [`@${address}`, '+short', '+tries=1', '+time=1', acmeDnsZone, 'SOA']);
  expect(await soaAt('::1')).toContain('admin.');
  for (const address of ['192.0.2.53', '2001:db8::53']) {
    expect(await soaAt(address)).not.toContain('admin.');
    await inside('ip', ['address', 'add', address, 'dev', 'lo']);
  }
  const late = { timeout: 15_000 };
  await expect.poll(() => soaAt('192.0.2.53'), late).toContain('admin.');
  await expect.poll(() => soaAt('2001:db8::53'), late).toContain('admin.');
  await inside('ip', ['address', 'del', '192.0.2.53/32', 'dev', 'lo']);
  const sockets = (): Promise<string> => inside('ss', ['-lun']);
  await expect.poll(sockets, late).not.toContain('192.0.2.53');
  expect(await soaAt('2001:db8::53')).toContain('admin.');
});
