import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { day, hour, openSimulator } from '../renewal/simulator.js';
import { Obstacles, type Stumble } from './stumble.js';

const stumbles: readonly Stumble[] = [
  'refused',
  'answer lost',
  'killed before',
  'killed after',
  'disk full',
];

/** More than an issuance waits for would be an endless loop. */
const most = 200;

test.each(stumbles)(
  '%s, at everything that an issuance waits for: one order, one certificate, one version, and nothing is lost',
  async (kind) => {
    const obstacles = new Obstacles(kind);
    await using hub = await openSimulator({
      // As Boulder: who asks again for what is open is given the same order.
      authorities: [
        { name: 'first', reuse: { validMs: 7 * hour, pending: true }, renewalInfoRetryMs: day },
      ],
      certificates: ['known.example'],
      obstacle: obstacles,
    });
    const [authority] = hub.authorities;
    const { ledger } = authority ?? expect.fail('there is an authority');
    const met: string[] = [];
    for (let count = 1; count < most; count++) {
      const name = `n${count}.example`;
      obstacles.arm(count);
      await hub.issue(name).catch(() => undefined); // who asked is told
      const { at } = obstacles;
      if (at === undefined) break;
      met.push(at);
      const story = `stumbled over ${count}: ${at}`;
      if (kind === 'disk full') {
        await hub.pass(hour / 2, hour / 4);
      }
      const wasDead = obstacles.dead;
      obstacles.clear();
      if (wasDead) await hub.startAfterDeath();
      const found = await hub.store.issuances.newestOf(certificateName.parse(name));
      // Nothing was begun: a person who has heard an error, or nothing, asks again.
      if (found === undefined) await hub.issue(name);
      for (let turn = 0; turn < 6 && (await hub.versions(name)).length === 0; turn++)
        await hub.pass(hour, hour / 2);
      expect(await hub.versions(name), story).toHaveLength(1);
      const orders = ledger.orders.filter(({ names }) => names.includes(name));
      expect(orders, story).toHaveLength(1);
      const issued = [...ledger.certificates.values()].filter(({ order }) =>
        order.names.includes(name),
      );
      expect(issued, story).toHaveLength(1);
      expect(ledger.accounts, story).toHaveLength(1);
      const issuance = await hub.store.issuances.newestOf(certificateName.parse(name));
      expect(issuance?.stage, story).toBe('done');
    }
    // It was met at each of them: the stores, the acme-dns, the authority.
    for (const one of [
      'issuances.finish',
      'session.finalize',
      'session.download',
      'challengeServer.publish',
    ]) {
      expect(met).toContain(one);
    }
    expect(met.length).toBeGreaterThan(30);
  },
  300_000,
);
