import { randomBytes, randomUUID } from 'node:crypto';
import { agentName, certificateName, type ServiceState } from '@sixhub/protocol';
import { openPrivateCa } from '../ca/private-ca.js';
import type { Version } from '../domain/certificate.js';
import { parseDnsName } from '../domain/dns-name.js';
import { openStore, type Store } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { AgentWatch } from '../renewal/agent-watch.js';
import { Rollouts } from '../rollout/rollouts.js';

const quiet = {
  ...{ info: () => undefined, warn: () => undefined },
  error: (fields: object) => {
    throw new Error(JSON.stringify(fields));
  },
};
export const name = certificateName.parse('example.org');
export const day = 86_400_000;
export const silentAfterMs = day / 4;
export const noone = { batch: '1', first: [], patienceS: 1_800 } as const;

/** A store with agents that may have one certificate, at a time that the test lets pass. */
export interface Ground extends AsyncDisposable {
  readonly store: Store;
  readonly rollouts: Rollouts;
  pass(milliseconds: number): void;
  /** A new version, by its number; 90 days, unless said. */
  newVersion(days?: number): Promise<Version>;
  report(agent: string, version: Version, state: ServiceState): Promise<void>;
  /** Which version each agent should have, as a letter for each agent and its number. */
  wanted(...versions: readonly Version[]): Promise<string>;
  /** A hub that was started anew. */
  again(): Rollouts;
  /** What looks for silent agents, of a hub that was started anew. */
  agentWatch(): AgentWatch;
  state(): Promise<string>;
}

export async function ground(agents = 'abcd'): Promise<Ground> {
  let now = Date.parse('2026-11-23T12:00:00Z');
  const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
  const store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  const { certificate: leaf } = await openPrivateCa(store.secrets, clock);
  const parsed = parseDnsName('example.org');
  if (parsed.kind !== 'name') throw new Error('a name');
  const certificate = {
    ...{ name, names: [parsed.name], keyKind: 'p256' as const, reuseKey: false },
    keyOn: undefined,
    createdAt: clock.now(),
  } as const;
  await store.certificates.save(certificate);
  for (const agent of agents) {
    await store.agents.create({ id: agent, name: agentName.parse(agent), createdAt: clock.now() });
    await store.agents.setStatus(agent, 'active', clock.now());
    await store.agents.grant(agent, name, clock.now());
  }
  const rollouts = new Rollouts({ store, silentAfterMs, clock, log: quiet });
  return {
    store,
    rollouts,
    pass: (milliseconds) => (now += milliseconds),
    async newVersion(days = 90) {
      now += 1_000;
      const version: Version = {
        ...{ id: randomUUID(), certificate: name, fingerprint: '', serial: '', issuer: '' },
        ...{ authority: '', leaf, chain: '', issuedAt: clock.now(), revoked: undefined },
        ...{ notBefore: clock.now(), notAfter: new Date(now + days * day) },
        keyOn: undefined,
      };
      await store.certificates.takeOver(certificate, version, 'key');
      return version;
    },
    async report(agent, { id }, state) {
      const at = clock.now().toISOString();
      await store.agents.saveDeployment(agent, {
        ...{ agent: agentName.parse(agent), certificate: name, version: id, installed: true },
        ...{ detail: '', reportedAt: clock.now() },
        services: [{ service: 'apache', state, detail: 'refused', at, since: at }],
      });
    },
    async wanted(...versions) {
      const words = [];
      for (const agent of agents) {
        const wish = await store.wantedVersions.of(agent, name);
        words.push(`${agent}${versions.findIndex(({ id }) => id === wish?.version.id) + 1}`);
      }
      return words.join(' ');
    },
    again: () => new Rollouts({ store, silentAfterMs, clock, log: quiet }),
    agentWatch: () => new AgentWatch({ agents: store.agents, silentAfterMs, clock, log: quiet }),
    async state() {
      const rollout = await store.rollouts.of(name);
      return rollout === undefined ? 'none' : `${rollout.state} ${rollout.because}`.trim();
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
