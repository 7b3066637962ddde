import { randomUUID } from 'node:crypto';
import { Opened, type Clock } from '@sixhub/base';
import {
  AlertWatch,
  Authorities,
  Courier,
  createAuthority,
  DelegationWatch,
  IssuanceRunner,
  openStore,
  Persistence,
  RenewalScheduler,
  TermsWatch,
  type AuthorityAccount,
  type ChallengeServer,
  type Channel,
  type createVault,
  type DelegationLookup,
  type Log,
  type Store,
} from '@sixhub/hub';
import type { TestAuthority } from '../../authority/authority.js';

export type AuthorityRules = ReturnType<typeof createAuthority>['rules'];

/** What outlives a hub that stops: its disk, its configuration, the authorities, and its acme-dns's values. */
export interface House {
  readonly database: string;
  readonly vault: ReturnType<typeof createVault>;
  readonly clock: Clock;
  /** The machine's own clock; undefined: the system's. */
  readonly machineNow: (() => number) | undefined;
  readonly log: Log;
  readonly random: () => number;
  readonly authorities: readonly TestAuthority[];
  /** Profile asked of every authority. */
  readonly profile: string | undefined;
  /** What the hub takes their rules to be, instead of what it knows of their hosts. */
  readonly rules: AuthorityRules | undefined;
  /** TXT values by domain and challenge. */
  readonly published: Map<string, Map<string, string>>;
  readonly dnsPersist: boolean;
  readonly dns: SimulatedDns;
  readonly between?: Between | undefined;
  /** Through these people are told. */
  readonly channels: readonly Channel[];
}

/** What is to be seen in the DNS beside what the hub published. */
export interface SimulatedDns {
  /** TXT records that people made, by name. */
  readonly records: Map<string, readonly string[]>;
  /** Names whose records the authorities do not see. */
  readonly hidden: Set<string>;
  /** Domains whose CNAME nobody answers the hub about. */
  readonly silent: Set<string>;
  /** Domains whose CNAME is gone. */
  readonly movedAway: Set<string>;
}

/** Comes between the hub's procedures and what they wait for: stores, servers, authorities. */
export type Between = <T extends object>(name: string, part: T) => T;

/** The parts of `hub serve` that issue and renew, wired as there. */
export interface SimulatedHub extends AsyncDisposable {
  /** Nothing comes between here. */
  readonly store: Store;
  readonly runner: IssuanceRunner;
  readonly scheduler: RenewalScheduler;
  readonly watch: DelegationWatch;
  /** The end of its database and of nothing else, as where a process is killed. */
  closeStore(): PromiseLike<void>;
  /** Looks what is to be told, and tells it. */
  tell(): Promise<void>;
  /** By the authority's name. */
  readonly accounts: ReadonlyMap<string, AuthorityAccount>;
}

const minute = 60_000;

export async function startSimulatedHub(house: House): Promise<SimulatedHub> {
  const { clock, log, random, published, dns } = house;
  await using opened = new Opened();
  const between = house.between ?? ((_name, part) => part);
  const rooms = opened.use(await openStore(house.database, house.vault, clock, log));
  const store = roomByRoom(rooms, between);
  const authorities = new Authorities(
    house.authorities.map(({ name, directory, httpsCertificate }) => {
      const { profile, rules } = house;
      const authority = createAuthority(
        {
          ...{ name, directory, trust: httpsCertificate, contact: [] },
          ...(profile === undefined ? {} : { profile }),
          dns_persist: house.dnsPersist,
        },
        store,
        clock,
        house.machineNow,
      );
      return between('authority', rules === undefined ? authority : { ...authority, rules });
    }),
    store,
    clock,
  );
  const lookup = between<DelegationLookup>('lookup', {
    look: (domain) =>
      Promise.resolve({
        resolver: dns.silent.has(domain)
          ? { kind: 'untested', reason: 'no answer' }
          : dns.movedAway.has(domain)
            ? { kind: 'nothing' }
            : { kind: 'cname', target: `${domain}.zone.test` },
        nameServers: [],
      }),
  });
  const persistence = new Persistence({
    offers: store.persistOffers,
    lookup: {
      texts: (name) => Promise.resolve({ kind: 'texts', texts: dns.records.get(name) ?? [] }),
    },
    clock,
  });
  const runner = opened.use(
    new IssuanceRunner({
      ...{ store, authorities, persistence, clock, log, random },
      // The account's name is the domain's, which is what a look-up finds by.
      challengeServer: between<ChallengeServer>('challengeServer', {
        createAccount: (account) => {
          const subdomain = account?.note ?? randomUUID();
          return Promise.resolve({ subdomain, fulldomain: `${subdomain}.zone.test` });
        },
        publish(subdomain, value, challenge) {
          const values = published.get(subdomain) ?? new Map<string, string>();
          published.set(subdomain, values.set(challenge, value));
          return Promise.resolve();
        },
        withdraw(subdomain, challenge) {
          published.get(subdomain)?.delete(challenge);
          return Promise.resolve();
        },
      }),
      lookup,
      caa: between('caa', { look: () => Promise.resolve({ kind: 'none' as const }) }),
    }),
  );
  await runner.resume();
  const scheduler = new RenewalScheduler({ store, runner, authorities, clock, log, random });
  const watch = new DelegationWatch({ store, lookup, clock, log, random });
  opened.defer(() => scheduler.stop());
  opened.defer(() => watch.stop());
  const tell = teller(house, store, authorities, scheduler);
  const rest = opened.move();
  return {
    ...{ store: rooms, runner, scheduler, watch, tell },
    closeStore: () => rooms[Symbol.asyncDispose](),
    accounts: new Map(authorities.all().map(({ name, account }) => [name, account])),
    [Symbol.asyncDispose]: () => rest[Symbol.asyncDispose](),
  };
}

function roomByRoom(store: Store, between: Between): Store {
  return {
    ...store,
    agents: between('agents', store.agents),
    audit: between('audit', store.audit),
    authorityAccounts: between('authorityAccounts', store.authorityAccounts),
    certificates: between('certificates', store.certificates),
    delegations: between('delegations', store.delegations),
    holds: between('holds', store.holds),
    issuances: between('issuances', store.issuances),
    orders: between('orders', store.orders),
    persistOffers: between('persistOffers', store.persistOffers),
    renewals: between('renewals', store.renewals),
  };
}

function teller(
  house: House,
  store: Store,
  authorities: Authorities,
  scheduler: RenewalScheduler,
): () => Promise<void> {
  const { clock, log, channels } = house;
  const { alerts, terms } = store;
  const parts = [
    new TermsWatch({ authorities, terms, clock, log }),
    new AlertWatch({
      ...{ store, clock, log },
      authorities: authorities.all(),
      wrongClock: () => scheduler.wrongClock,
      hub: 'simulated',
      policy: { groupMs: 10 * minute, remindMs: 7 * 24 * 60 * minute },
      agentSilentMs: 6 * 60 * minute,
      channels: channels.map(({ name }) => name),
    }),
    ...channels.map((channel) => new Courier({ channel, alerts, hub: 'simulated', clock, log })),
  ];
  return async () => {
    for (const part of parts) await part.tick();
  };
}
