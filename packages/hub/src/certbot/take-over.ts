import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { keyKindOf, type KeyKind } from '@sixhub/acme';
import { errorText, type Clock } from '@sixhub/base';
import { certificateName, type CertificateName } from '@sixhub/protocol';
import type { Certificate, Version } from '../domain/certificate.js';
import { challengeDomain, parseDnsName, type DnsName } from '../domain/dns-name.js';
import type { Authorities } from '../issuance/authorities.js';
import { isCompromised } from '../issuance/certificate-key.js';
import { readVersion } from '../issuance/read-version.js';
import { delegationOf } from '../issuance/await-delegation.js';
import type { ChallengeServer } from '../ports.js';
import { publicKeyOfPrivateKey } from '../store/public-key.js';
import type { Store } from '../store/store.js';
import type { CertbotAccount, Lineage } from './lineage.js';

export interface TakeOverContext {
  readonly store: Store;
  readonly authorities: Authorities;
  readonly challengeServer: ChallengeServer;
  readonly clock: Clock;
}

export type Verdict =
  | {
      readonly kind: 'taken' | 'there';
      readonly version: Version;
      readonly certificate: Certificate;
      readonly notes: readonly string[];
    }
  | { readonly kind: 'untaken'; readonly why: string; readonly hint: string };

const untaken = (why: string, hint: string): Verdict => ({ kind: 'untaken', why, hint });

/**
 * A lineage of certbot's as a certificate with a version: agents may have it at once, and its next renewal is the
 * hub's. It is believed when it was checked as a download is. `dryRun`: the verdict alone.
 */
export async function takeLineage(
  lineage: Lineage,
  dryRun: boolean,
  context: TakeOverContext,
): Promise<Verdict> {
  const { store, authorities, clock } = context;
  const name = certificateName.safeParse(lineage.name.toLowerCase());
  if (!name.success) {
    return untaken(
      `its name ${name.error.issues[0]?.message ?? 'is no certificate name'}`,
      'Issue it anew, it is then named after its first domain: hub issue DOMAIN',
    );
  }
  const read = await readLineage(lineage, name.data, context);
  if ('why' in read) return read;
  const { version, keyKind, notes, names } = read;
  const known = await store.certificates.find(name.data);
  const newest = await store.certificates.newest(name.data);
  const certificate: Certificate = known ?? {
    name: name.data,
    names,
    keyKind,
    reuseKey: lineage.reuseKey,
    keyOn: undefined,
    createdAt: clock.now(),
  };
  if (certificate.keyOn !== undefined) {
    return untaken(
      `the private key of ${name.data} is on ${certificate.keyOn}, and is to be nowhere else`,
      `Leave it to certbot, or have the hub make its keys: hub issue ${issueWords(names)} --key-at-hub`,
    );
  }
  if (newest?.fingerprint === version.fingerprint) {
    return { kind: 'there', version: newest, certificate, notes: [] };
  }
  if (newest !== undefined && newest.notBefore >= version.notBefore) {
    return { kind: 'there', version: newest, certificate, notes: ['the hub has a newer version'] };
  }
  if (known !== undefined && !sameNames(known.names, names)) {
    return untaken(
      `the hub has a certificate ${name.data} with other names: ${known.names.join(' ')}`,
      `See: hub show ${name.data}. With the names of certbot: hub issue ${issueWords(names)}`,
    );
  }
  if (await isCompromised(publicKeyOfPrivateKey(lineage.privateKey), store.certificates)) {
    return untaken(
      'its key was revoked as compromised',
      `Issue it anew, with another key: hub issue ${issueWords(names)}`,
    );
  }
  const server = authorities.all().find(({ directory }) => directory === lineage.server);
  const told = [
    ...notes,
    ...(server !== undefined || lineage.server === undefined
      ? []
      : [
          `hub.toml has no authority ${lineage.server}: it is renewed by ${authorities.first().name}; to stay there, add an [[authority]] with that \`directory\``,
        ]),
  ];
  if (!dryRun) {
    await store.certificates.takeOver(certificate, version, pkcs8(lineage.privateKey));
    for (const domain of new Set(names.map(challengeDomain))) {
      await delegationOf(domain, { ...context, delegations: store.delegations });
    }
  }
  return { kind: 'taken', version, certificate, notes: told };
}

type ReadLineage =
  | Extract<Verdict, { kind: 'untaken' }>
  | {
      readonly version: Version;
      readonly names: readonly DnsName[];
      readonly keyKind: KeyKind;
      readonly notes: readonly string[];
    };

async function readLineage(
  lineage: Lineage,
  certificate: CertificateName,
  { authorities, clock }: TakeOverContext,
): Promise<ReadLineage> {
  const no = (why: string, hint: string): ReadLineage => ({ kind: 'untaken', why, hint });
  let leaf: X509Certificate;
  let key: KeyObject;
  try {
    leaf = new X509Certificate(lineage.fullchain);
    key = createPrivateKey(lineage.privateKey);
  } catch (error) {
    return no(
      `its certificate or key is none: ${errorText(error)}`,
      'Put the file back, or issue anew: hub issue DOMAIN',
    );
  }
  const given = (leaf.subjectAltName ?? '').split(', ').filter((one) => one !== '');
  const names: DnsName[] = [];
  for (const one of given) {
    const parsed = parseDnsName(one.replace(/^DNS:/, ''));
    if (!one.startsWith('DNS:') || parsed.kind !== 'name') {
      return no(
        `it has the name ${one}, which the hub does not issue for`,
        'Leave it to certbot, or issue one without that name: hub issue DOMAIN',
      );
    }
    names.push(parsed.name);
  }
  if (names.length === 0) return no('it has no name', 'Issue one that has: hub issue DOMAIN');
  const authority = authorities.all().find(({ directory }) => directory === lineage.server);
  const read = readVersion(
    lineage.fullchain,
    publicKeyOfPrivateKey(lineage.privateKey),
    { certificate, names, authority: authority?.name ?? hostOf(lineage.server), keyOn: undefined },
    { now: clock.now(), roots: await authority?.roots() },
  );
  if (read.kind !== 'good') {
    return no(
      read.why.replace(/; is this machine's clock right\?$/, ''),
      `Issue it anew: hub issue ${issueWords(names)}`,
    );
  }
  const kind = keyKindOf(lineage.privateKey);
  const keyKind = kind ?? (key.asymmetricKeyType === 'rsa' ? 'rsa4096' : 'p384');
  const notes = [
    ...lineage.notes,
    ...(certificate === lineage.name ? [] : [`it is called ${certificate} here`]),
    ...(kind === undefined
      ? [`its kind of key is none that the hub makes: the next one is ${keyKind}`]
      : []),
  ];
  return { version: read.version, names, keyKind, notes };
}

function hostOf(server: string | undefined): string {
  return server !== undefined && URL.canParse(server) ? new URL(server).host : 'certbot';
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join() === other.toSorted().join();
}

function pkcs8(pem: string): string {
  return createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** `hub issue` with exactly these names. */
function issueWords(names: readonly string[]): string {
  const [first = 'DOMAIN', ...others] = names.toSorted(
    (one, other) => Number(one.startsWith('*.')) - Number(other.startsWith('*.')),
  );
  if (others.length === 1 && others[0] === `*.${first}`) return first;
  return [first, '--no-wildcard', ...others.map((name) => `--name '${name}'`)].join(' ');
}

type AccountVerdict = 'taken' | 'there';

/** The account goes on: its limits, its exemptions for renewals, its validations. Only where the hub has none yet. */
export async function takeAccount(
  { directory, url, key }: CertbotAccount,
  dryRun: boolean,
  { store, clock }: TakeOverContext,
): Promise<AccountVerdict> {
  if ((await store.authorityAccounts.find(directory)) !== undefined) return 'there';
  if (dryRun) return 'taken';
  await store.authorityAccounts.create(directory, key, clock.now());
  await store.authorityAccounts.setUrl(directory, url);
  return 'taken';
}
