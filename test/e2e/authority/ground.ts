import { X509Certificate } from 'node:crypto';
import { Resolver as DnsResolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { createCsr, createKey, openSession, type AuthoritySession, type Order } from '@sixhub/acme';
import { systemClock, systemCode } from '@sixhub/base';
import { startTestAuthority } from '../../authority/authority.js';
import {
  openLab,
  startNameServer,
  startPebble,
  startResolver,
  type Lab,
  type NameServer,
  type Resolver,
} from '../../lab/index.js';

/** What pebble and the test authority can both be told. */
export interface GroundOptions {
  readonly rejectNonces?: number;
  /** Valid authorizations serve later orders. */
  readonly reuse?: boolean;
  readonly externalAccounts?: Readonly<Record<string, string>>;
}

interface Started {
  readonly directory: string;
  readonly httpsCertificate: string;
  /** Common name of an issuer that only the other chain has. */
  otherIssuer(): Promise<string>;
}

export interface Contender {
  readonly name: string;
  /** Keeps to RFC 8555 where pebble 2.4 has errors of its own. */
  readonly isExact: boolean;
  start(lab: Lab, resolver: Resolver, options: GroundOptions): Promise<Started>;
}

export const contenders: readonly Contender[] = [
  {
    name: 'pebble',
    isExact: false,
    async start(lab, { server }, { reuse, ...options }) {
      const pebble = await startPebble(lab, {
        ...{ resolver: server, alternateRoots: 1, rejectNonces: 0, ...options },
        reuseAuthorizations: reuse === true ? 100 : 0,
      });
      return {
        ...pebble,
        otherIssuer: async () => commonName(new X509Certificate(await pebble.manage('/roots/1'))),
      };
    },
  },
  {
    name: 'the test authority',
    isExact: true,
    async start(lab, { server }, { rejectNonces = 0, reuse, ...options }) {
      const dns = new DnsResolver({ timeout: 2_000 });
      dns.setServers([server]);
      const authority = await startTestAuthority(lab, {
        ...{ name: 'test', ...options },
        reuse: { validMs: reuse === true ? 86_400_000 : 0, pending: false },
        lookup: (name) => textValues(dns, name),
      });
      authority.conduct.rejectNonces = rejectNonces;
      return { ...authority, otherIssuer: () => Promise.resolve(authority.roots[1]) };
    },
  },
];

async function textValues(dns: DnsResolver, name: string): Promise<readonly string[]> {
  try {
    return (await dns.resolveTxt(name)).map((strings) => strings.join(''));
  } catch (error) {
    if (systemCode(error) === 'ENOTFOUND' || systemCode(error) === 'ENODATA') return [];
    throw error;
  }
}

function commonName({ subject }: X509Certificate): string {
  return subject.replace(/^.*CN=/s, '');
}

/** An authority with a name server that holds the TXT values, in a lab of their own. */
export interface Ground extends AsyncDisposable {
  readonly directory: string;
  readonly trust: string;
  readonly nameServer: NameServer;
  otherIssuer(): Promise<string>;
  session(accountKey: string, more?: Partial<Parameters<typeof openSession>[0]>): AuthoritySession;
  /** A session of an account that is new. */
  member(): Promise<AuthoritySession>;
  /** Publishes what the order's challenges want, or what `instead` makes of it, and answers them. */
  answer(
    order: Order,
    session: AuthoritySession,
    instead?: (value: string) => string,
  ): Promise<void>;
  /** From order to certificate. */
  obtain(session: AuthoritySession, names: readonly string[]): Promise<Obtained>;
}

export interface Obtained {
  readonly order: Order;
  readonly key: string;
  /** Leaf and issuers. */
  readonly pem: string;
}

export async function openGround(
  contender: Contender,
  options: GroundOptions = {},
): Promise<Ground> {
  const lab = await openLab();
  try {
    const nameServer = await startNameServer(lab, ['example.org']);
    const resolver = await startResolver(lab, nameServer.stubs);
    const started = await contender.start(lab, resolver, options);
    return ground(lab, nameServer, started, await readFile(started.httpsCertificate, 'utf8'));
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

function ground(lab: Lab, nameServer: NameServer, started: Started, trust: string): Ground {
  const { directory } = started;
  const session: Ground['session'] = (accountKey, more) =>
    openSession({ directoryUrl: directory, accountKey, trust, clock: systemClock, ...more });
  const answer: Ground['answer'] = async (order, member, instead = (value) => value) => {
    const challenges = (await member.authorizations(order)).flatMap(
      ({ identifier, status, challenges: all }) =>
        status === 'pending'
          ? all.flatMap((one) => (one.type === 'dns-01' ? [{ name: identifier.value, one }] : []))
          : [],
    );
    for (const { name, one } of challenges) {
      const value = instead(await member.challengeValue(one));
      if (value !== '') await nameServer.addRecord(`_acme-challenge.${name} TXT "${value}"`);
    }
    for (const { one } of challenges) await member.respond(one);
  };
  return {
    directory,
    trust,
    nameServer,
    otherIssuer: () => started.otherIssuer(),
    session,
    async member() {
      const member = session(await createKey('p256'));
      await member.register(['mailto:admin@example.org']);
      return member;
    },
    answer,
    async obtain(member, names) {
      const made = await member.newOrder({ names });
      if (made.status === 'pending') await answer(made, member);
      const ready = await member.validated(made.url);
      const key = await createKey('p256');
      await member.finalize(ready, await createCsr(names, key));
      const order = await member.issued(made.url);
      return { order, key, pem: await member.download(order) };
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** What an authority refused as, or what came instead of a refusal. */
export async function kindOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return error instanceof Error && 'kind' in error ? error.kind : error;
  }
}
