import type { CertificateName } from '@sixhub/protocol';
import type { Alert } from './alert.js';
import { afterRevocation, type Version } from './certificate.js';
import type { Issuance, Step } from './issuance.js';

/** A certificate whose newest version is late, or whose latest issuance has not come to its end. */
export interface CertificateTrouble {
  readonly name: CertificateName;
  readonly version: Pick<Version, 'notBefore' | 'notAfter' | 'revoked'> | undefined;
  readonly issuance: Pick<Issuance, 'stage' | 'failures' | 'createdAt'> | undefined;
  /** What the issuance told last; where none was begun, why: no authority may be asked. */
  readonly told: Step | undefined;
  /** CNAMEs of it that are gone, which are an alert of their own. */
  readonly gone: readonly string[];
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * Shares of the lifetime that are left when it is told, and told again. A renewal begins with a third left, of short
 * lives with half, so that a quarter means: it has failed for days, or for hours of a short one.
 */
const lateShares = [1 / 4, 1 / 8, 1 / 16] as const;

/** Hours of a certificate of weeks; a level of this or more wakes people. */
const criticalLevel = lateShares.length;

export function certificateAlert(trouble: CertificateTrouble, now: Date): Alert | undefined {
  const { name, version, issuance, told } = trouble;
  if (version?.revoked !== undefined && afterRevocation[version.revoked.reason] === 'end') {
    return undefined;
  }
  const level = levelOf(version, now);
  if (level === 0 && !isStuck(trouble, now)) return undefined;
  const problem = told?.kind === 'problem' ? told : undefined;
  return {
    id: `certificate:${name}`,
    kind: 'certificate',
    subject: name,
    severity: level >= criticalLevel ? 'critical' : 'warning',
    level,
    cause: `certificate ${level} ${problem?.problem ?? waitsFor(trouble)}`,
    since: issuance === undefined || issuance.stage === 'done' ? now : issuance.createdAt,
    endsAt: version?.notAfter,
    headline: headline(name, version, level),
    fact: problem?.fact ?? factWithout(trouble),
    fix: fixOf(trouble, problem),
  };
}

/** 0: in time; then one for each share that is passed, and one more when it has ended. */
function levelOf(version: CertificateTrouble['version'], now: Date): number {
  if (version === undefined) return 0;
  const left = version.notAfter.getTime() - now.getTime();
  if (left <= 0) return lateShares.length + 1;
  const share = left / (version.notAfter.getTime() - version.notBefore.getTime());
  return lateShares.filter((limit) => share <= limit).length;
}

/** What passes by itself is not told: most failures are over at the second or third try. */
function isStuck({ version, issuance, told, gone }: CertificateTrouble, now: Date): boolean {
  if (issuance === undefined || issuance.stage === 'done') return false;
  if (issuance.stage === 'failed') return true;
  const tried = now.getTime() - issuance.createdAt.getTime();
  // The missing CNAME was shown to whoever asked for the certificate.
  if (issuance.stage === 'delegation' && told?.kind !== 'problem') {
    return gone.length === 0 && tried > day;
  }
  if (told?.kind === 'key-wanted' || told?.kind === 'key-refused') return tried > keyPatienceMs;
  if (told?.kind !== 'problem') return false;
  // By our own count of an authority's limits: a queue, no failure.
  if (told.problem === 'rate-limited' && issuance.failures === 0) return tried > day;
  return tried > (version === undefined ? 15 * minute : patience(version));
}

/** An agent's timer comes every quarter of an hour, and one that waits is asked at once. */
const keyPatienceMs = hour;

/** A renewal has weeks; of a short life, a fiftieth or so. */
function patience({ notBefore, notAfter }: Pick<Version, 'notBefore' | 'notAfter'>): number {
  return Math.min(2 * hour, (notAfter.getTime() - notBefore.getTime()) / 48);
}

type Problem = Extract<Step, { kind: 'problem' }>;

function waitsFor({ issuance, told }: CertificateTrouble): string {
  if (told?.kind === 'key-wanted' || told?.kind === 'key-refused') return told.kind;
  return issuance?.stage === 'delegation' ? 'delegation' : 'late';
}

function headline(name: string, version: CertificateTrouble['version'], level: number): string {
  if (version === undefined) return `${name} can't be issued`;
  return level > lateShares.length ? `${name} has ended` : `${name} can't be renewed`;
}

function factWithout({ issuance, told, version, gone }: CertificateTrouble): string {
  if (gone.length > 0) return `the CNAME of ${gone.join(', ')} is gone`;
  if (told?.kind === 'delegation-wanted') return told.records.map(({ seen }) => seen).join('; ');
  if (issuance?.stage === 'delegation') return 'it waits for its CNAME';
  if (told?.kind === 'key-wanted') return `it waits for ${told.agent} to make its key`;
  if (told?.kind === 'key-refused') return told.fact;
  return version === undefined
    ? 'its issuance does not come to an end'
    : 'no newer version was issued, and no problem was told';
}

function fixOf({ name, told, gone }: CertificateTrouble, problem: Problem | undefined): string {
  const [first] = gone;
  if (first !== undefined)
    return `Create the CNAME of ${first} again: \`hub doctor ${first}\` shows it.`;
  if (problem !== undefined) return `${problem.hint} More: \`hub show ${name}\`.`;
  if (told?.kind === 'delegation-wanted') {
    const lines = told.records.map((record) => `\`${record.name}. CNAME ${record.target}.\``);
    return `Create ${lines.join(' and ')}; the hub goes on by itself.`;
  }
  if (told?.kind === 'key-wanted' || told?.kind === 'key-refused') return keyRemedy(told.agent);
  return `Run \`hub renew ${name}\` and read what it tells; \`hub show ${name}\` and \`journalctl -u sixhub\` have what was before.`;
}

function keyRemedy(agent: string): string {
  return `On ${agent}: \`hub-agent run --now\`, and read what it says. If the machine is gone for good: \`hub agent remove ${agent}\` and set it up anew under its name, or have the hub make the key: \`hub issue DOMAIN --key-at-hub\`.`;
}
