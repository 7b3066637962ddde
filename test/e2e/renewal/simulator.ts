import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  createVault,
  parseDnsName,
  type AuthorityAccount,
  type Channel,
  type Log,
  type Message,
  type Store,
} from '@sixhub/hub';
import { certificateName } from '@sixhub/protocol';
import {
  startTestAuthority,
  type TestAuthority,
  type TestAuthorityOptions,
} from '../../authority/authority.js';
import { openLab, type Lab } from '../../lab/index.js';
import { FakeTime } from './fake-time.js';
import {
  startSimulatedHub,
  type AuthorityRules,
  type Between,
  type House,
  type SimulatedDns,
} from './simulated-hub.js';

export const hour = 3_600_000;
export const day = 24 * hour;

export interface SimulatedAuthority extends Omit<
  TestAuthorityOptions,
  'now' | 'lookup' | 'random'
> {
  /** How far its clock is ahead of the hub's at this moment. */
  readonly ahead?: () => number;
}

export interface SimulatorOptions {
  readonly start?: Date;
  readonly authorities: readonly SimulatedAuthority[];
  readonly certificates: readonly string[];
  /** Profile asked of every authority. */
  readonly profile?: string;
  /** Standing records are taken (dns-persist-01). */
  readonly dnsPersist?: boolean;
  /** What the hub takes every authority's rules to be. */
  readonly rules?: AuthorityRules;
  /** In [0, 1), for hub and authorities alike. */
  readonly random?: () => number;
  /** The machine's own clock is driven with the hub's; unless said it is. */
  readonly drivesMachine?: boolean;
  readonly obstacle?: Obstacle;
  /** Beside the one whose messages are `told`. */
  readonly channels?: readonly Channel[];
}

/** A hub's real planner, issuer and store, real authorities over HTTPS, and a time that is driven. */
export interface Simulator extends AsyncDisposable {
  readonly time: FakeTime;
  readonly store: Store;
  /** The store's file. */
  readonly database: string;
  readonly authorities: readonly TestAuthority[];
  /** TXT records that people made, by name. */
  readonly records: Map<string, readonly string[]>;
  /** Names whose records the authorities do not see. */
  readonly hidden: Set<string>;
  /** The hub's, by the authority's name. */
  readonly accounts: ReadonlyMap<string, AuthorityAccount>;
  /** Lines that the hub logged as warnings or worse. */
  readonly warnings: readonly string[];
  /** Domains whose CNAME nobody answers the hub about. */
  readonly silent: Set<string>;
  /** Domains whose CNAME is gone. */
  readonly movedAway: Set<string>;
  /** What people were told, oldest first. */
  readonly told: readonly Message[];
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
  /** Looks what is to be told, once. */
  tell(): Promise<void>;
  /** Stops the hub in whatever it is at, closes its store, and starts it anew. */
  restart(): Promise<void>;
  /** Leaves the hub where it hangs, as a process that was killed, and starts it anew. */
  startAfterDeath(): Promise<void>;
}

/** What comes between the hub and all that it waits for; `dead` once it answers nothing any more. */
export interface Obstacle {
  readonly between: Between;
  readonly dead: boolean;
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

async function build(lab: Lab, options: SimulatorOptions): Promise<Simulator> {
  const time = new FakeTime(options.start ?? new Date('2027-01-01T00:00:00Z'));
  const random = options.random ?? Math.random;
  const warnings: string[] = [];
  const told: Message[] = [];
  const dns: SimulatedDns = {
    records: new Map(),
    hidden: new Set(),
    movedAway: new Set(),
    silent: new Set(),
  };
  const house = await makeHouse(lab, options, {
    ...{ time, random, warnings, dns },
    channels: [listener(told), ...(options.channels ?? [])],
  });
  const { database, authorities } = house;
  let hub = await startSimulatedHub(house);
  lab.own({ [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() });

  /** Until every issuance is done or sleeps. */
  const quiet = async (): Promise<void> => {
    for (let calm = 0; calm < 3;) {
      await setImmediate();
      const still = hub.runner.running <= time.asleep || options.obstacle?.dead === true;
      calm = still ? calm + 1 : 0;
    }
  };
  const pass: Simulator['pass'] = async (milliseconds, tickMs, each) => {
    const end = time.now().getTime() + milliseconds;
    for (let nextTick = time.now().getTime(); time.now().getTime() < end;) {
      if (time.now().getTime() >= nextTick) {
        await hub.scheduler.tick();
        await hub.watch.tick();
        await hub.tell();
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
    const same = { names, keyKind, reuseKey, keyOn: undefined };
    await hub.store.certificates.save({ name, ...same, createdAt: time.now() });
    return { certificate: name, ...same };
  };
  const issue = async (certificate: string): Promise<void> => {
    const asked = hub.runner.request(await wish(certificate));
    let heard = false;
    void asked.then(
      () => (heard = true),
      () => (heard = true),
    );
    while (!heard && options.obstacle?.dead !== true) await setImmediate();
    await quiet();
    if (heard) await asked;
  };
  for (const certificate of options.certificates) await issue(certificate);
  return {
    time,
    get store() {
      return hub.store;
    },
    database,
    tick: () => hub.scheduler.tick(),
    tell: () => hub.tell(),
    authorities,
    records: dns.records,
    hidden: dns.hidden,
    get accounts() {
      return hub.accounts;
    },
    warnings,
    movedAway: dns.movedAway,
    silent: dns.silent,
    told,
    pass,
    issue,
    async restart() {
      await hub[Symbol.asyncDispose]();
      hub = await startSimulatedHub(house);
      await quiet();
    },
    async startAfterDeath() {
      await hub.closeStore();
      time.forgetSleepers();
      hub = await startSimulatedHub(house);
      await quiet();
    },
    async leftOf(certificate) {
      const version = await hub.store.certificates.newest(certificateName.parse(certificate));
      if (version === undefined) return 0;
      const [from, to] = [version.notBefore.getTime(), version.notAfter.getTime()];
      return (to - time.now().getTime()) / (to - from);
    },
    async versions(certificate) {
      const all = await hub.store.certificates.versions(certificateName.parse(certificate));
      return all.map(({ issuedAt, authority }) => ({ at: issuedAt, authority })).toReversed();
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** A channel that always works. */
function listener(told: Message[]): Channel {
  return {
    name: 'listener',
    kind: 'command',
    send(message) {
      told.push(message);
      return Promise.resolve({ kind: 'sent', answer: 'heard' });
    },
  };
}

async function makeHouse(
  lab: Lab,
  { authorities, profile, rules, dnsPersist, obstacle, drivesMachine = true }: SimulatorOptions,
  made: {
    readonly time: FakeTime;
    readonly random: () => number;
    readonly warnings: string[];
    readonly dns: SimulatedDns;
    readonly channels: readonly Channel[];
  },
): Promise<House> {
  const { time, random, warnings, dns, channels } = made;
  const published = new Map<string, Map<string, string>>();
  const lookup = (name: string): Promise<readonly string[]> =>
    Promise.resolve(
      (dns.hidden.has(name) ? undefined : dns.records.get(name)) ?? [
        ...(published.get(name.replace('_acme-challenge.', ''))?.values() ?? []),
      ],
    );
  const warn: Log['warn'] = (fields, message) =>
    void warnings.push(`${message} ${JSON.stringify(fields)}`);
  return {
    database: join(await lab.makeDirectory('hub'), 'hub.db'),
    vault: createVault(randomBytes(32)),
    clock: time,
    machineNow: drivesMachine ? () => time.now().getTime() : undefined,
    log: { info: () => undefined, warn, error: warn },
    authorities: await Promise.all(
      authorities.map(({ ahead = () => 0, ...one }) => {
        const now = (): number => time.now().getTime() + ahead();
        return startTestAuthority(lab, { ...one, lookup, now, random });
      }),
    ),
    ...{ profile, rules, random, published, dns, channels },
    dnsPersist: dnsPersist ?? false,
    between: obstacle?.between,
  };
}
