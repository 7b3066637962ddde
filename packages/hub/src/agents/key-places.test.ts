import { randomBytes } from 'node:crypto';
import { agentName, certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { parseDnsName, type DnsName } from '../domain/dns-name.js';
import { rulesOf } from '../domain/limits.js';
import { openStore } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { mayLive } from './key-places.js';

const clock = { now: () => new Date('2026-11-25T00:00:00Z'), sleep: () => Promise.resolve() };
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

function names(...texts: readonly string[]): readonly DnsName[] {
  return texts.flatMap((text) => {
    const parsed = parseDnsName(text);
    return parsed.kind === 'name' ? [parsed.name] : [];
  });
}

const letsEncrypt = { name: 'letsencrypt', rules: rulesOf('acme-v02.api.letsencrypt.org') };
const another = { name: 'zerossl', rules: rulesOf('acme.zerossl.com') };

test('of the same names, in whatever order, as many machines as the authority gives a week', async () => {
  await using store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  const ask = async (at: number, of: readonly DnsName[], ...authorities: readonly object[]) => {
    const keyOn = agentName.parse(`web${at}`);
    const name = certificateName.parse(`example.org-web${at}`);
    if ((await store.agents.find(keyOn)) === undefined) {
      await store.agents.create({ id: `id-${at}`, name: keyOn, createdAt: clock.now() });
    }
    const all = { all: () => authorities } as unknown as Parameters<
      typeof mayLive
    >[1]['authorities'];
    await mayLive({ name, names: of, keyOn }, { store, authorities: all });
    const same = { keyKind: 'p256', reuseKey: false, createdAt: clock.now() } as const;
    await store.certificates.save({ name, names: of, keyOn, ...same });
  };
  const wanted = names('example.org', '*.example.org');
  for (let at = 1; at <= 5; at++) {
    await ask(at, at % 2 === 0 ? wanted : wanted.toReversed(), letsEncrypt);
  }
  await expect(ask(6, wanted, letsEncrypt)).rejects.toMatchObject({
    code: 'same-names-limit',
    message: '6 certificates with the same names: letsencrypt gives 5 a week',
    hint: expect.stringContaining('--name web6.DOMAIN'),
  });
  // One that is there is asked for again as often as one likes, and one more name makes another set of them.
  await ask(5, wanted, letsEncrypt);
  await ask(6, names('example.org', '*.example.org', 'web6.example.org'), letsEncrypt);
  await ask(7, names('example.org'), letsEncrypt);
  // Where the next authority gives enough, it will be asked.
  await ask(8, wanted, letsEncrypt, another);
});

test('a host without an agent makes no key', async () => {
  await using store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  const nas = agentName.parse('nas');
  await store.agents.create({ id: 'nas', name: nas, createdAt: clock.now() });
  const place = { user: 'push', host: 'nas.example.org', port: 22, hostKey: '' };
  const settings = { connect: [], servernames: [] };
  await store.pushTargets.create({ agentId: 'nas', place, settings }, clock.now());
  const authorities = { all: () => [] } as unknown as Parameters<typeof mayLive>[1]['authorities'];
  const wish = { name: certificateName.parse('example.org'), names: names('example.org') };
  await expect(mayLive({ ...wish, keyOn: nas }, { store, authorities })).rejects.toMatchObject({
    ...{ code: 'makes-no-keys', hint: expect.stringContaining('Without --key-on') },
  });
});
