import { concreteAddresses, createAcmeDns, yieldToAnswers } from '@sixhub/acme-dns';
import { errorText, Opened, systemClock } from '@sixhub/base';
import { hostname } from 'node:os';
import type { SecureContext } from 'node:tls';
import { Agents } from '../agents/agents.js';
import { Attendance } from '../agents/attendance.js';
import { KeyRequests } from '../agents/key-requests.js';
import { socketAccess, tokenAccess } from '../api/access.js';
import { createAgentsApi } from '../api/agents-api.js';
import { HeldRequests } from '../api/held-requests.js';
import { listenSocket } from '../api/listeners.js';
import { Metrics } from '../api/metrics.js';
import { openFilesLimit } from '../api/open-files.js';
import { Pace } from '../api/pace.js';
import { createPeopleApi } from '../api/people-api.js';
import { OwnIdentities } from '../api/own-identities.js';
import { PublicIdentity } from '../api/public-identity.js';
import { Readiness } from '../api/readiness.js';
import { ApiTokens } from '../api/api-tokens.js';
import { HubCa } from '../ca/hub-ca.js';
import type { HubConfig } from '../config/config.js';
import { ownZone } from '../config/own-zone.js';
import { statePaths } from '../config/paths.js';
import { createHubDns } from '../dns/hub-dns.js';
import { Authorities } from '../issuance/authorities.js';
import { createAuthority } from '../issuance/authority.js';
import { Persistence } from '../issuance/persistence.js';
import { Revocations } from '../issuance/revocations.js';
import { IssuanceRunner } from '../issuance/runner.js';
import { Notifier } from '../notify/notifier.js';
import type { Log } from '../ports.js';
import { AgentWatch } from '../renewal/agent-watch.js';
import { CaWatch } from '../renewal/ca-watch.js';
import { DelegationWatch } from '../renewal/delegation-watch.js';
import { RevocationWork } from '../renewal/revocation-work.js';
import { startSchedule } from '../renewal/schedule.js';
import { RenewalScheduler } from '../renewal/scheduler.js';
import { Rollouts } from '../rollout/rollouts.js';
import { openStore, type Store } from '../store/store.js';
import { PushTargets } from '../push/push-targets.js';
import { PushWork } from '../push/push-work.js';
import { seeOnWire } from '@sixhub/wire';
import { MasterKey } from '../vault/master-key-change.js';

/** The hub's own certificates live 90 days; a new one each day keeps the old far from its end. */
const identityRenewalMs = 86_400_000;
const fullToldMs = 600_000;
/** An authority that validates what is issued here asks the name server just then. */
const politeness = 5;

/** All of a running hub, wired: opens in the order of what depends on what, closes in the reverse. */
export async function startHub(
  config: HubConfig,
  log: Log,
  /** A part that nothing works without ended by itself. */
  onBroken: (error: Error) => void,
): Promise<AsyncDisposable> {
  const paths = statePaths(config);
  const clock = systemClock;
  await using opened = new Opened();

  const masterKey = await MasterKey.open(paths, log);
  const store = opened.use(await openStore(paths.database, masterKey.vault, clock, log));
  await masterKey.finishChange(store.seals);
  const ca = await HubCa.open(store, clock);
  const challengeServer = opened.use(
    await createAcmeDns({
      ...zoneOf(config),
      database: paths.acmeDnsDatabase,
      log,
      clock,
      onEnded: onBroken,
    }),
  );
  yieldToAnswers(politeness); // only now: the name server's thread would inherit it
  const authorities = new Authorities(
    config.authority.map((authority) => createAuthority(authority, store, clock)),
    store,
    clock,
  );
  const dns = createHubDns(config.resolver, clock);
  const persistence = new Persistence({
    offers: store.persistOffers,
    lookup: dns.texts,
    clock,
  });
  const runner = opened.use(
    new IssuanceRunner({
      store,
      challengeServer,
      lookup: dns.lookup,
      caa: dns.caa,
      authorities,
      persistence,
      clock,
      log,
      random: Math.random,
    }),
  );

  await runner.resume(); // before anybody can ask for the same again
  const addresses = agentAddresses(config);
  const agents = new Agents({ store, ca, clock, addresses });
  const defaultKey = config.key;
  const doctor = {
    ...{ ...dns, store, authorities, challengeServer, persistence, clock },
    zone: ownZone(config),
    listen: config.acme_dns.listen.flatMap(concreteAddresses),
    port: config.resolver.name_server_port,
  };
  const revoking = { store, authorities, clock, log };
  const revocations = new Revocations(revoking);
  const tokens = new ApiTokens(store.apiTokens, clock, log);
  const scheduler = new RenewalScheduler({
    ...{ store, runner, authorities, clock, log },
    random: Math.random,
  });
  const notifier = new Notifier({
    ...{ store, clock, log },
    config: config.notify,
    authorities,
    wrongClock: () => scheduler.wrongClock,
  });
  const attendance = opened.use(new Attendance(store.agents, clock, log));
  const silentAfterMs = config.notify.agent_silent;
  const rollouts = new Rollouts({ store, silentAfterMs, clock, log });
  const following = store.manifestChanges.follow(() => rollouts.heard()); // a stored version may begin one
  opened.defer(() => following[Symbol.dispose]());
  const pushTargets = new PushTargets(store, clock);
  const push = new PushWork({ store, targets: pushTargets, see: seeOnWire, clock, log });
  const held = await HeldRequests.open(store.manifestChanges, log);
  const services = {
    ...{ store, runner, agents, authorities, masterKey, revocations, defaultKey, doctor, tokens },
    ...{ notifier, rollouts, pushTargets, push, clock, log },
    readiness: new Readiness({
      ...{ store, clock, zone: doctor.zone.domain, listen: doctor.listen },
      authorities: config.authority,
    }),
    metrics: new Metrics({
      ...{ store, clock, authorities: authorities.all() },
      waiting: () => held.count,
      acmeDns: () => challengeServer.metrics(),
    }),
  };
  const agentsApi = await createAgentsApi({
    ...services,
    ...{ attendance, held },
    keys: new KeyRequests({ store, runner, clock }),
    hubFacts: () => ({ addresses: [...addresses], ...ca.facts() }),
    knownCas: () => ca.sha256s,
  });
  const tokenApi = await createPeopleApi(
    services,
    tokenAccess(tokens, new Pace(config.api.requests_per_minute, clock), clock),
  );
  const socketApi = await createPeopleApi(services, socketAccess);

  const peopleNames = [
    ...config.api.names,
    ...config.api.listen
      .map(({ address }) => address)
      .filter((address) => !/^(::|0\.0\.0\.0)$/.test(address)),
  ];
  const identities = new OwnIdentities(ca);
  const most = await agentsShare(config.agents.listen.length, log);
  for (const at of config.agents.listen) {
    opened.use(await identities.listenAgents(agentsApi, at, { most }));
  }
  opened.use(held); // answers all, while the listeners still stand
  const publicly = await publicIdentity(config, store, log);
  for (const at of config.api.listen) {
    opened.use(await identities.listenPeople(tokenApi, at, peopleNames, publicly));
  }
  ca.follow(async (disconnect) => {
    await identities.renew();
    if (disconnect) identities.disconnectAgents();
  });
  const renewal = setInterval(() => {
    identities
      .renew()
      .catch((error: unknown) =>
        log.error({ error: errorText(error) }, "the hub's own certificates could not be renewed"),
      );
  }, identityRenewalMs);
  opened.defer(() => clearInterval(renewal));
  opened.use(await listenSocket(socketApi, config.socket, config.socket_group));

  opened.use(
    startSchedule({
      renewal: scheduler,
      delegations: new DelegationWatch({
        ...{ store, lookup: dns.lookup, clock, log, random: Math.random },
      }),
      revocations: new RevocationWork(revocations, revoking),
      agents: new AgentWatch({
        ...{ agents: store.agents, silentAfterMs, clock, log },
      }),
      ca: new CaWatch(ca, log),
      rollouts,
      push,
      ...notifier.parts,
    }),
  );
  log.info({ socket: config.socket, zone: config.acme_dns.domain }, 'hub is ready');
  return opened.move();
}

/** Agents that wait hold a connection each; a quarter of all stays for DNS, people, and the hub's own files. */
async function agentsShare(listeners: number, log: Log) {
  const connections = Math.floor((await openFilesLimit()) * 0.75) / Math.max(1, listeners);
  let toldAt = Number.NEGATIVE_INFINITY;
  const onFull = (): void => {
    if (performance.now() - toldAt < fullToldMs) return;
    toldAt = performance.now();
    log.warn(
      { connections },
      'so many agents are connected that others are sent away; raise LimitNOFILE of sixhub.service',
    );
  };
  return { connections: Math.floor(connections), onFull };
}

async function publicIdentity(
  { api: { certificate } }: HubConfig,
  { certificates }: Store,
  log: Log,
): Promise<{ contextFor?: (host: string) => Promise<SecureContext | undefined> }> {
  if (certificate === undefined) return {};
  const identity = new PublicIdentity(certificate, certificates, log);
  await identity.check();
  return { contextFor: (host) => identity.contextFor(host) };
}

function zoneOf(config: HubConfig) {
  const { acme_dns: zone } = config;
  const { nameServer } = ownZone(config);
  return {
    domain: zone.domain,
    nameServer,
    admin: zone.admin ?? `hostmaster.${zone.domain}`,
    records: [
      ...zone.addresses.map(
        (address) => `${nameServer}. ${address.includes(':') ? 'AAAA' : 'A'} ${address}`,
      ),
      ...zone.records,
    ],
    listen: zone.listen,
  };
}

function agentAddresses({ agents }: HubConfig): readonly string[] {
  if (agents.addresses.length > 0) return agents.addresses;
  const port = agents.listen[0]?.port ?? 8444;
  return [`https://${hostname()}:${port}`];
}
