import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { mustBe, runCommand } from '../../lab/index.js';
import { writeLabFile } from '../../lab/host-machine.js';
import { openHouse } from '../api/house.js';
import { descriptions } from '../hostcore/descriptions.js';
import { enrolledHouse } from './copied-machine.js';

test('what hostcore finds on a host is reported by its agent, shown and told by the hub', async () => {
  await using house = await openHouse();
  const { lab, hub } = house;
  await hub.serve();
  const phy = await enrolledHouse(house, 'phy');
  const show = async () =>
    JSON.parse((await mustBe(0, await hub.run(['agent', 'show', 'phy', '--json']))).stdout);
  await mustBe(0, await phy.run(['run']));
  expect(await show()).toMatchObject({ host: null });
  // Nothing of it was made on this machine.
  const config = await writeLabFile(lab, 'host.toml', descriptions[0]?.toml ?? '');
  const drift = ['drift', '-c', config, '--status', phy.hostStatus, '--json'];
  const { differences } = JSON.parse((await mustBe(1, await runCommand('hostcore', drift))).stdout);
  await mustBe(0, await phy.run(['run']));
  const first = await show();
  expect(first.host).toMatchObject({ state: 'drifted', broken: false });
  expect(first.host.count).toBeGreaterThanOrEqual(differences.length);
  expect(first.host.troubles).toHaveLength(20);
  const { stdout } = await mustBe(0, await hub.run(['agent', 'show', 'phy']));
  expect(stdout).toMatch(/^host: NOT AS DESCRIBED since /m);
  expect(stdout).toContain('file /etc/radvd.conf: missing');
  expect(stdout).toMatch(/ {2}and \d+ more/);
  await expect
    .poll(async () => (await hub.run(['notify', 'list'])).stdout, {
      interval: 500,
      timeout: 20_000,
    })
    .toMatch(/the host phy is not as host\.toml has it/);
  // A description that can't be read any more is no host that is right.
  await writeFile(config, 'nonsense = 1\n');
  await mustBe(2, await runCommand('hostcore', drift));
  await mustBe(0, await phy.run(['run']));
  expect(await show()).toMatchObject({ host: { state: 'failed', count: 1 } });
  // Cut, or something else: neither trusted nor passed over.
  await writeFile(phy.hostStatus, '{"at":');
  await mustBe(0, await phy.run(['run']));
  expect((await show()).host.troubles[0].what).toContain(`${phy.hostStatus} can't be read`);
  await rm(phy.hostStatus);
  await mustBe(0, await phy.run(['run']));
  expect(await show()).toMatchObject({ host: null });
}, 120_000);
