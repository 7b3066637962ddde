import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  Authorities,
  createAuthority,
  createVault,
  DelegationWatch,
  IssuanceRunner,
  openStore,
  parseDnsName,
  RenewalScheduler,
  type DelegationLookup,
  type Log,
  type Store,
} from '@sixhub/hub';
import { certificateName } from '@sixhub/protocol';
import {
  startTestAuthority,
  type TestAuthority,
  type TestAuthorityOptions,
} from '../../authority/authority.js';
import { openLab } from '../../lab/index.js';
import { FakeTime } from './fake-time.js';

export const hour = 3_600_000;
export const day = 24 * hour;

export interface SimulatorOptions {
  readonly start?: Date;
  readonly authorities: readonly Omit<TestAuthorityOptions, 'now' | 'lookup'>[];
  readonly certificates: readonly string[];
  /** Profile asked of every authority. */
  readonly profile?: string;
}

/** A hub's real planner, issuer and store, real authorities over HTTPS, and a time that is driven. */
export interface Simulator extends AsyncDisposable {
  readonly time: FakeTime;
  readonly store: Store;
  /** The store's file. */
  readonly database: string;
  readonly authorities: readonly TestAuthority[];
  /** Lines that the hub logged as warnings or worse. */
  readonly warnings: readonly string[];
  /** Domains whose CNAME is gone. */
  readonly movedAway: Set<string>;
  /** Lets so much time pass, ticking every `tickMs`; `each` sees every tick. */
  pass(milliseconds: number, tickMs: number, each?: () => Promise<void> | void): Promise<void>;
  /** What is left of the newest version, as a share of its lifetime. */
  leftOf(certificate: string): Promise<number>;
  /** Oldest first. */
  versions(
    certificate: string,
  ): Promise<readonly { readonly at: Date; readonly authority: string }[]>;
  issue(certificate: string): Promise<void>;
  tick(): Promise<void>;
}

export async function openSimulator(options: SimulatorOptions): Promise<Simulator> {
  const lab = await openLab();
  try {
    return await build(lab, options);
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

async function build(
  lab: Awaited<ReturnType<typeof openLab>>,
  options: SimulatorOptions,
): Promise<Simulator> {
  const time = new FakeTime(options.start ?? new Date('2027-01-01T00:00:00Z'));
  const published = new Map<string, Map<string, string>>();
  const lookup = (name: string): Promise<readonly string[]> =>
    Promise.resolve([...(published.get(name.replace('_acme-challenge.', ''))?.values() ?? [])]);
  const authorities = await Promise.all(
    options.authorities.map((one) =>
      startTestAuthority(lab, { ...one, lookup, now: () => time.now().getTime() }),
    ),
  );
  const warnings: string[] = [];
  const log: Log = {
    info: () => undefined,
    warn: (fields, message) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
    error: (fields, message) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
  };
  const place = await lab.makeDirectory('hub');
  const database = join(place, 'hub.db');
  const store = lab.own(await openStore(database, createVault(randomBytes(32)), time, log));
  const list = new Authorities(
    authorities.map(({ name, directory, httpsCertificate }) =>
      createAuthority(
        {
          ...{ name, directory, trust: httpsCertificate, contact: [] },
          ...(options.profile === undefined ? {} : { profile: options.profile }),
        },
        store.authorityAccounts,
        time,
      ),
    ),
    store,
    time,
  );
  const movedAway = new Set<string>();
  const delegationLookup: DelegationLookup = {
    look: (domain) =>
      Promise.resolve({
        resolver: movedAway.has(domain)
          ? { kind: 'nothing' }
          : { kind: 'cname', target: `${domain}.zone.test` },
        nameServers: [],
      }),
  };
  const runner = lab.own(
    new IssuanceRunner({
      store,
      authorities: list,
      clock: time,
      log,
      random: Math.random,
      // The account's name is the domain's, which is what `lookup` finds by.
      challengeServer: {
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
      },
      lookup: delegationLookup,
      caa: { look: () => Promise.resolve({ kind: 'none' }) },
    }),
  );
  const scheduler = new RenewalScheduler({
    ...{ store, runner, authorities: list, clock: time, log, random: Math.random },
  });

  const watch = new DelegationWatch({
    ...{ store, lookup: delegationLookup, clock: time, log, random: Math.random },
  });

  /** Until every issuance is done or sleeps. */
  const quiet = async (): Promise<void> => {
    for (let calm = 0; calm < 3;) {
      await setImmediate();
      calm = runner.running <= time.asleep ? calm + 1 : 0;
    }
  };
  const pass: Simulator['pass'] = async (milliseconds, tickMs, each) => {
    const end = time.now().getTime() + milliseconds;
    for (let nextTick = time.now().getTime(); time.now().getTime() < end;) {
      if (time.now().getTime() >= nextTick) {
        await scheduler.tick();
        await watch.tick();
        await each?.();
        nextTick = time.now().getTime() + tickMs;
      }
      await quiet();
      time.setTo(Math.min(end, nextTick, Math.max(time.now().getTime(), time.nextWake)));
      await quiet();
    }
  };
  const wish = async (text: string) => {
    const name = certificateName.parse(text);
    const names = [text, `*.${text}`].flatMap((one) => {
      const parsed = parseDnsName(one);
      return parsed.kind === 'name' ? [parsed.name] : [];
    });
    const keyKind = 'p256' as const;
    const reuseKey = false;
    await store.certificates.save({ name, names, keyKind, reuseKey, createdAt: time.now() });
    return { certificate: name, names, keyKind, reuseKey };
  };
  const issue = async (certificate: string): Promise<void> => {
    await runner.request(await wish(certificate));
    await quiet();
  };
  for (const certificate of options.certificates) await issue(certificate);
  return {
    time,
    store,
    database,
    tick: () => scheduler.tick(),
    authorities,
    warnings,
    movedAway,
    pass,
    issue,
    async leftOf(certificate) {
      const version = await store.certificates.newest(certificateName.parse(certificate));
      if (version === undefined) return 0;
      const [from, to] = [version.notBefore.getTime(), version.notAfter.getTime()];
      return (to - time.now().getTime()) / (to - from);
    },
    async versions(certificate) {
      const all = await store.certificates.versions(certificateName.parse(certificate));
      return all.map(({ issuedAt, authority }) => ({ at: issuedAt, authority })).toReversed();
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}
