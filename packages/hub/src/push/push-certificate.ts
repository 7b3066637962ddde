import { randomUUID, X509Certificate } from 'node:crypto';
import type { Clock } from '@sixhub/base';
import type { CertificateName, DeploymentReport } from '@sixhub/protocol';
import {
  allServe,
  describeMisses,
  fingerprintOf,
  notAfterOf,
  sightsOf,
  votersOf,
  type SeeOnWire,
  type Sight,
} from '@sixhub/wire';
import { join, judge } from './judge.js';
import type { Present, PushHost } from './push-host.js';
import type { PushJob } from './push-job.js';
import { cut, held, installed, notInstalled } from './push-report.js';

export interface PushParts {
  readonly host: PushHost;
  readonly see: SeeOnWire;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A service that is reloaded may need so long until it shows the new version. */
  readonly graceMs: number;
  /** Before the key leaves the hub. */
  readonly allow: (job: PushJob) => Promise<void>;
  /** Remembers who has a vote until the push is over; undefined: it is. */
  readonly intend: (name: CertificateName, voters: readonly string[] | undefined) => Promise<void>;
}

interface Old {
  readonly fingerprint: string;
  readonly notAfter: Date;
}

const betweenLooksMs = 500;

/**
 * DESIGN's run of an agent, with the hub in the agent's place: compare, stage, check, switch, check again, reload, look,
 * and go back where one who showed the version before does not show the new one. A service that did not show it has no
 * vote, and there is no way back to a version that is expired, revoked or not there.
 */
export async function pushCertificate(job: PushJob, parts: PushParts): Promise<DeploymentReport> {
  const { name, version, bundle } = job;
  const { host, clock } = parts;
  const before = await seeAll(job, parts);
  let present = await host.present(name, bundle);
  if (present.kind === 'unlisted') return notInstalled(job, present.why, before, clock.now());
  const isResumed = present.begun !== undefined;
  if (present.begun !== undefined) {
    await host.back(name, present.begun);
    present = await host.present(name, bundle);
    if (present.kind === 'unlisted') return notInstalled(job, present.why, before, clock.now());
  }
  const old = oldOf(present);
  const brokenBefore = await host.check(name);
  if (present.whole && old?.fingerprint === version.fingerprint) {
    return await proveAgain(job, parts, { before, brokenBefore });
  }
  if (brokenBefore !== undefined && old !== undefined && old.notAfter > clock.now()) {
    const why = `not switched: the host's own configuration was broken before: ${brokenBefore}`;
    return held(job, { why, brokenBefore, before, now: clock.now() });
  }
  return await switchOver(job, parts, { before, old, brokenBefore, isResumed });
}

/** What was found before anything was changed. */
interface Found {
  readonly before: readonly Sight[];
  readonly old: Old | undefined;
  readonly brokenBefore: string | undefined;
  readonly isResumed: boolean;
}

/** From here on the host has the new files or the old ones, and ends with those that are served. */
async function switchOver(job: PushJob, parts: PushParts, found: Found): Promise<DeploymentReport> {
  const { name, version, bundle, looks } = job;
  const { host, clock } = parts;
  const { old, brokenBefore } = found;
  const { fingerprint } = version;
  const voters = job.voters ?? (old === undefined ? [] : votersOf(found.before, old));
  const way = brokenBefore === undefined ? wayBack(old, job, clock.now()) : undefined;
  const id = randomUUID();
  await parts.allow(job);
  await host.stage(name, id, bundle);
  await parts.intend(name, voters);
  await host.switch(name, id);

  const refusing = await host.check(name);
  // Where nobody can be looked at, the host's own programs are all that can speak.
  const speaks = voters.length > 0 || looks.length === 0;
  if (refusing !== undefined && way !== undefined && speaks) {
    // Whatever was reloaded by a push that broke off has that one in memory; else nothing was reloaded.
    return await goBack(job, parts, { id, way, voters, why: refusing, revive: found.isResumed });
  }
  const reload = refusing === undefined ? await host.reload(name) : undefined;
  const sights = await seeWithin(job, parts, { fingerprint, voters: [] });
  const against =
    voters.length > 0
      ? !allServe(sightsOf(voters, sights), fingerprint)
      : looks.length === 0 && reload !== undefined;
  if (against && way !== undefined) {
    const why = join(reload, describeMisses(sights, fingerprint, ''));
    return await goBack(job, parts, { id, way, voters, why, revive: true });
  }
  await host.settle(name, id);
  await parts.intend(name, undefined);
  const words = join(refusing, reload);
  const known = { fingerprint, sights, voters, back: undefined, words, now: clock.now() };
  const broken = refusing === undefined ? undefined : brokenBefore;
  return installed(job, words, judge({ ...known, brokenBefore: broken }), known.now);
}

interface Return {
  readonly id: string;
  readonly way: Old;
  readonly voters: readonly string[];
  readonly why: string;
  readonly revive: boolean;
}

async function goBack(
  job: PushJob,
  parts: PushParts,
  { id, way, voters, why, revive }: Return,
): Promise<DeploymentReport> {
  const { name, version } = job;
  await parts.host.back(name, id);
  const revival = revive ? await parts.host.reload(name) : undefined;
  const sights = await seeWithin(job, parts, { fingerprint: way.fingerprint, voters });
  await parts.intend(name, undefined);
  const words = join(why, revival);
  const services = judge({
    ...{ fingerprint: version.fingerprint, sights, voters, brokenBefore: undefined, words },
    ...{ back: { why, fingerprint: way.fingerprint }, now: parts.clock.now() },
  });
  return {
    ...{ certificate: name, version: version.id, installed: false },
    detail: cut(`taken back to the version before: ${words}`),
    services: [...services],
  };
}

/** It lies there. A service that was not reloaded, or was started with what was there before, is reloaded once. */
async function proveAgain(
  job: PushJob,
  parts: PushParts,
  known: { readonly before: readonly Sight[]; readonly brokenBefore: string | undefined },
): Promise<DeploymentReport> {
  const { fingerprint } = job.version;
  await parts.intend(job.name, undefined);
  const conclude = (
    sights: readonly Sight[],
    brokenBefore: string | undefined,
    words: string,
  ): DeploymentReport => {
    const now = parts.clock.now();
    const evidence = { fingerprint, sights, voters: [], back: undefined, brokenBefore, words, now };
    return installed(job, words, judge(evidence), now);
  };
  if (job.looks.length === 0 || allServe(known.before, fingerprint)) {
    return conclude(known.before, undefined, '');
  }
  if (known.brokenBefore !== undefined) return conclude(known.before, known.brokenBefore, '');
  const words = await parts.host.reload(job.name);
  const sights = await seeWithin(job, parts, { fingerprint, voters: [] });
  return conclude(sights, undefined, words ?? '');
}

/** What is seen of it from outside, where the host can't be come to. */
export async function lookOnly(
  job: Omit<PushJob, 'bundle'>,
  parts: Pick<PushParts, 'see' | 'clock'>,
  why: string,
  wasInstalled: boolean,
): Promise<DeploymentReport> {
  const sights = await seeAll(job, parts);
  const now = parts.clock.now();
  if (!wasInstalled) return notInstalled(job, why, sights, now);
  const { fingerprint } = job.version;
  const evidence = { fingerprint, sights, voters: [], back: undefined, brokenBefore: undefined };
  return installed(job, '', judge({ ...evidence, words: '', now }), now);
}

function oldOf(present: Extract<Present, { kind: 'listed' }>): Old | undefined {
  if (present.leaf === undefined) return undefined;
  const certificate = new X509Certificate(present.leaf);
  return { fingerprint: fingerprintOf(certificate), notAfter: notAfterOf(certificate) };
}

function wayBack(old: Old | undefined, job: PushJob, now: Date): Old | undefined {
  const isOpen =
    old !== undefined &&
    old.notAfter > now &&
    old.fingerprint !== job.version.fingerprint &&
    !job.revoked.includes(old.fingerprint);
  return isOpen ? old : undefined;
}

type Seeing = Pick<PushParts, 'see' | 'clock'>;

function seeAll(
  { looks }: Pick<PushJob, 'looks'>,
  { see }: Pick<Seeing, 'see'>,
): Promise<readonly Sight[]> {
  return Promise.all(looks.map(async (look) => ({ look, seen: await see(look) })));
}

/** Until all show it (of voters, where there are some: all of them), or the grace is over. */
async function seeWithin(
  job: PushJob,
  parts: PushParts,
  { fingerprint, voters }: { readonly fingerprint: string; readonly voters: readonly string[] },
): Promise<readonly Sight[]> {
  const until = parts.clock.now().getTime() + parts.graceMs;
  for (;;) {
    const sights = await seeAll(job, parts);
    const judged = voters.length === 0 ? sights : sightsOf(voters, sights);
    if (job.looks.length === 0 || allServe(judged, fingerprint)) return sights;
    if (parts.clock.now().getTime() >= until) return sights;
    await parts.clock.sleep(betweenLooksMs, parts.signal);
  }
}
