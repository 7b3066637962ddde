import { expect, test } from 'vitest';
import { seeded } from './chance.js';
import { day, hour, openSimulator } from './simulator.js';
import { Weather, type Climate } from './weather.js';

/**
 * A year in which two authorities fail at random, in every way that the test authority knows. Another seed at each
 * run; `SIXHUB_SEED=42` has that one again, `SIXHUB_YEARS=20` twenty different ones (a minute or so each).
 */
const seeds = seedsOf(process.env['SIXHUB_SEED'], Number(process.env['SIXHUB_YEARS'] ?? 1));

function seedsOf(given: string | undefined, count: number): readonly number[] {
  const first = given === undefined ? Math.floor(Math.random() * 1_000_000) : Number(given);
  return Array.from({ length: count }, (_, index) => first + index);
}

interface Year extends Climate {
  readonly profile: string;
  readonly lifetimeMs: number;
  readonly certificates: readonly string[];
  readonly spanMs: number;
  readonly tickMs: number;
}

const climates: readonly Year[] = [
  {
    ...{ profile: 'classic', lifetimeMs: 90 * day, spanMs: 365 * day, tickMs: 12 * hour },
    ...{ certificates: ['a.example', 'b.example'] },
    ...{ longestMs: 20 * day, togetherMs: 3 * day, reliefMs: 2 * day },
  },
  {
    // A quarter of the lifetime is 11 days, and a renewal begins with 15 left.
    ...{ profile: 'tlsserver', lifetimeMs: 45 * day, spanMs: 365 * day, tickMs: 12 * hour },
    ...{ certificates: ['a.example', 'b.example'] },
    ...{ longestMs: 15 * day, togetherMs: 2 * day, reliefMs: 2 * day },
  },
  {
    // 40 hours, and it begins with 80.
    ...{ profile: 'shortlived', lifetimeMs: 160 * hour, spanMs: 60 * day, tickMs: 2 * hour },
    ...{ certificates: ['a.example'] },
    ...{ longestMs: 5 * day, togetherMs: day / 2, reliefMs: day },
  },
];

const years = seeds.flatMap((seed) => climates.map((climate) => ({ ...climate, seed })));

test.each(years)(
  '$profile: none within a quarter of its end, nobody asked more often than they said (seed $seed)',
  async ({ seed, profile, lifetimeMs, certificates, spanMs, tickMs, ...climate }) => {
    // The weather is the same at each run of a seed, whatever the hub makes of it.
    const chance = seeded(seed);
    await using hub = await openSimulator({
      authorities: ['first', 'second'].map((name) => ({
        ...{ name, profiles: { [profile]: lifetimeMs }, renewalInfoRetryMs: 12 * hour },
        ...{ reuse: { validMs: 7 * hour, pending: true } },
        limits: [
          { per: 'account', count: 300, withinMs: 3 * hour },
          { per: 'registered-domain', count: 50, withinMs: 7 * day },
          { per: 'same-names', count: 5, withinMs: 7 * day },
          { per: 'failed-authorizations', count: 5, withinMs: hour },
        ],
      })),
      ...{ certificates, profile, random: seeded(~seed) },
    });
    const weather = new Weather(hub.authorities, certificates, chance, climate);
    const story = (): string => `SIXHUB_SEED=${seed}\n${weather.diary.join('\n')}`;
    const end = hub.time.now().getTime() + spanMs;
    let least = 1;
    while (hub.time.now().getTime() < end) {
      weather.change(hub.time.now().getTime());
      await hub.pass(tickMs, tickMs);
      for (const name of certificates) {
        const left = await hub.leftOf(name);
        least = Math.min(least, left);
        expect(left, `${name} at ${hub.time.now().toISOString()}, ${story()}`).toBeGreaterThan(
          0.25,
        );
      }
      if (chance() < 0.02) await hub.restart();
      // Asleep, or off: everybody else's time goes on.
      if (chance() < 0.005) hub.time.setTo(hub.time.now().getTime() + lifetimeMs / 20);
    }
    for (const { name, conduct } of hub.authorities) {
      expect(conduct.violations, `${name}, ${story()}`).toEqual([]);
    }
    expect(least).toBeLessThan(1);
  },
  120_000 * seeds.length,
);
