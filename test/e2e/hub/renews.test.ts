import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import type { TestAuthority } from '../../authority/authority.js';
import { mustBe } from '../../lab/index.js';
import { domain, openAuthorityEstate, until, type AuthorityEstate } from './authority-estate.js';

/** Renewed with half of it left, at a tick each ten seconds. */
const lifetimeMs = 80_000;

async function openIssued(...names: readonly string[]): Promise<AuthorityEstate> {
  const estate = await openAuthorityEstate({ names, lifetimeMs });
  await estate.hub.serve();
  await estate.delegate();
  await mustBe(0, await estate.hub.run(['issue', domain]));
  return estate;
}

function issuedBy(authorities: readonly TestAuthority[]): readonly X509Certificate[] {
  return authorities
    .flatMap(({ ledger }) => [...ledger.certificates.values()])
    .map(({ issued }) => new X509Certificate(issued.leafDer))
    .toSorted((one, other) => Date.parse(one.validFrom) - Date.parse(other.validFrom));
}

async function shown({ hub }: AuthorityEstate): Promise<{
  readonly version: { readonly serial: string; readonly authority: string };
  readonly issuance: { readonly stage: string; readonly failures: number };
}> {
  return JSON.parse((await mustBe(0, await hub.run(['show', domain, '--json']))).stdout);
}

/** Each began while the one before it had a quarter of its lifetime left. */
function neverLate(certificates: readonly X509Certificate[]): void {
  for (const [index, certificate] of certificates.entries()) {
    const next = certificates[index + 1];
    if (next === undefined) break;
    const left = Date.parse(certificate.validTo) - Date.parse(next.validFrom);
    expect(left / lifetimeMs).toBeGreaterThan(0.25);
  }
}

test.concurrent(
  'hub serve renews by its own tick, each version replacing the one before, through an interval of death',
  async () => {
    await using estate = await openIssued('first');
    const [authority] = estate.authorities;
    if (authority === undefined) throw new Error('there is an authority');
    const { ledger, conduct } = authority;
    expect(ledger.orders[0]?.profile).toBe('brief');
    await until('a second version', () => ledger.certificates.size === 2);

    conduct.trouble.set('all', { kind: 'dead' });
    const failures = async (): Promise<number> => (await shown(estate)).issuance.failures;
    await until('a renewal fails twice', async () => (await failures()) >= 2);
    expect(ledger.certificates.size).toBe(2);
    conduct.trouble.clear();
    await until('a third version', () => ledger.certificates.size === 3);
    await until('it is stored', async () => (await shown(estate)).issuance.stage === 'done');

    const ids = [...ledger.certificates.keys()];
    expect(ledger.orders.map(({ replaces }) => replaces)).toEqual([undefined, ids[0], ids[1]]);
    const certificates = issuedBy(estate.authorities);
    neverLate(certificates);
    expect((await shown(estate)).version.serial).toBe(
      certificates.at(-1)?.serialNumber.toLowerCase(),
    );
  },
  240_000,
);

test.concurrent(
  'hub serve fails over to the second authority, and returns to the first',
  async () => {
    await using estate = await openIssued('first', 'second');
    const [first, second] = estate.authorities;
    if (first === undefined || second === undefined) throw new Error('there are two');
    first.conduct.trouble.set('all', { kind: 'busy' });
    await until('the second issues', () => second.ledger.certificates.size === 1);
    await until('it is stored', async () => (await shown(estate)).version.authority === 'pebble2');
    first.conduct.trouble.clear();
    await until('the first issues again', () => first.ledger.certificates.size === 2);
    await until('it is stored', async () => (await shown(estate)).version.authority === 'pebble');

    // Of another authority's certificate nothing is replaced.
    for (const { ledger } of [first, second]) {
      expect(ledger.orders.every(({ replaces }) => replaces === undefined)).toBe(true);
    }
    expect(second.ledger.orders).toHaveLength(1);
    neverLate(issuedBy(estate.authorities));
  },
  240_000,
);
