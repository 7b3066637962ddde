import { Resolver } from 'node:dns/promises';
import { expect, test } from 'vitest';
import { openLab, ports, makeAcmeDns, registerAccount } from '../../lab/index.js';

const clients = 50;

test('kill -9 in the middle of updates: every acknowledged one is there after the restart', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const first = await house.serve();
  const accounts = await Promise.all(Array.from({ length: clients }, () => registerAccount(house)));
  const acknowledged = new Map<string, string>();
  let total = 0;
  let running = true;
  const update = async (index: number): Promise<void> => {
    const account = accounts[index];
    if (account === undefined) return;
    for (let count = 0; running; count++) {
      const txt = `${index}-${count}-`.padEnd(43, 'x');
      const answer = await fetch(`${house.api}/update`, {
        method: 'POST',
        headers: { 'X-Api-User': account.username, 'X-Api-Key': account.password },
        body: JSON.stringify({ subdomain: account.subdomain, txt }),
      }).catch(() => undefined); // it was killed
      if (answer === undefined) return;
      if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
      acknowledged.set(account.fulldomain, txt);
      total++;
      if (total === 10_000) {
        running = false;
        await first.kill();
      }
    }
  };
  await Promise.all(accounts.map((_, index) => update(index)));
  await house.serve();
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([`${house.address}:${ports.dns}`]);
  for (const [name, txt] of acknowledged) {
    // One more may have been on its way: durable, and its answer lost.
    expect((await resolver.resolveTxt(name)).flat()).toContain(txt);
  }
  expect(total).toBeGreaterThanOrEqual(10_000);
});
