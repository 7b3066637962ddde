import { expect, test } from 'vitest';
import { applied, copyTo, openGround } from '../../../lab/host-ground.js';
import { openLab } from '../../../lab/index.js';

test('NetworkManager and cloud-init, where they are installed, are told to leave the network alone, until it goes back', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  const others = ['/etc/NetworkManager/NetworkManager.conf', '/etc/cloud/cloud.cfg'];
  for (const path of others) {
    await host.shell(`mkdir -p ${path.replace(/[^/]+$/, '')}`);
    await copyTo(lab, host, path, '# of its package\n');
  }
  const list = 'find /etc/NetworkManager /etc/cloud | sort';
  const before = await host.shell(list);
  await applied(ground);
  expect(await host.shell(list)).toContain('/etc/NetworkManager/conf.d/90-sixhub.conf');
  expect(await host.shell('tail -n 1 /etc/cloud/cloud.cfg.d/99-sixhub-network.cfg')).toBe(
    'network: {config: disabled}\n',
  );
  await ground.start(/NEW connection/, 'rollback', '1', '--confirm-within', '60s');
  expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
  expect(await host.shell(list)).toBe(before);
}, 90_000);
