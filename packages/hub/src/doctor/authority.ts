import { AuthorityProblem, type Directory } from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import type { Applicant } from '../domain/caa.js';
import { doubtful, notTested, ok, wrong, type Finding } from '@sixhub/base/finding';
import { isInForce, type Hold } from '../domain/hold.js';
import { planRetry } from '../domain/retry.js';
import type { Authorities } from '../issuance/authorities.js';
import { applicantAt } from '../issuance/check-caa.js';
import type { Authority } from '../ports.js';
import type { Store } from '../store/store.js';

export interface AuthorityContext {
  readonly store: Store;
  readonly authorities: Authorities;
  readonly clock: Clock;
}

export interface ExaminedAuthority {
  readonly findings: readonly Finding[];
  /** How CAA records may know us there; undefined where its directory could not be read. */
  readonly applicant: Applicant | undefined;
}

/** Whether an authority can be asked: its directory, our account, and what it told us to wait for. Nothing is changed there. */
export async function examineAuthority(
  authority: Authority,
  { authorities, store, clock }: AuthorityContext,
  signal: AbortSignal,
): Promise<ExaminedAuthority> {
  const hold = await store.holds.ofAuthority(authority.directory);
  const now = clock.now();
  const isHeld = hold !== undefined && isInForce(hold, now);
  const held = [
    ...(isHeld ? [describeHold('nothing is asked of it', hold)] : []),
    ...(await examineRenewalInfo(authority, store, now)),
  ];
  const account = await examineAccount(authority);
  // What it ordered holds for somebody's curiosity as well.
  if (isHeld && hold.ordered) {
    const unasked = notTested(`${authority.directory} was not asked`);
    return { findings: [...held, unasked, ...account], applicant: undefined };
  }
  try {
    using session = await authority.openWithoutAccount(signal);
    const directory = await session.directory();
    return {
      findings: [...examineDirectory(authority, directory), ...account, ...held],
      applicant: await applicantAt(authority, session),
    };
  } catch (error) {
    if (!(error instanceof AuthorityProblem)) throw error;
    await authorities.toldToWait(authority, error);
    const { hint } = planRetry(error.kind, 1);
    const unread = wrong(`${authority.directory} can't be read: ${error.detail}`, hint);
    return { findings: [unread, ...account, ...held], applicant: undefined };
  }
}

function examineDirectory(
  { directory: url, profile }: Authority,
  { meta, renewalInfo }: Directory,
): readonly Finding[] {
  const offered = Object.keys(meta.profiles);
  const facts = [
    renewalInfo === undefined ? 'no renewal information' : 'renewal information (ARI)',
    ...(offered.length === 0 ? [] : [`profiles ${offered.join(', ')}`]),
    ...(meta.caaIdentities.length === 0 ? [] : [`CAA name ${meta.caaIdentities.join(', ')}`]),
  ];
  const reached = ok(`${url} answers: ${facts.join('; ')}`);
  if (profile === undefined || offered.includes(profile)) return [reached];
  return [
    reached,
    wrong(
      `it has no profile '${profile}', which hub.toml asks for`,
      offered.length === 0
        ? 'Take `profile` out of its table.'
        : `Set \`profile\` to one of ${offered.join(', ')}.`,
    ),
  ];
}

async function examineAccount({ name, account }: Authority): Promise<readonly Finding[]> {
  const { url, deactivatedAt, changingKey } = await account.describe();
  if (deactivatedAt !== undefined) {
    return [
      wrong(
        `our account was deactivated on ${deactivatedAt.toISOString()}`,
        `A new one is made by: hub account register ${name}`,
      ),
    ];
  }
  if (url === undefined) return [ok('no account yet; the first order makes one')];
  return [
    ok(`our account is ${url}${changingKey ? '; a change of its key is being settled' : ''}`),
  ];
}

async function examineRenewalInfo(
  { directory }: Authority,
  { holds }: Store,
  now: Date,
): Promise<readonly Finding[]> {
  const hold = await holds.ofRenewalInfo(directory);
  if (hold === undefined || !isInForce(hold, now)) return [];
  return [describeHold('its renewal information is not asked for', hold)];
}

function describeHold(what: string, { until, fact, kind }: Hold): Finding {
  const { hint } = planRetry(kind, 1);
  return doubtful(`${what} until ${until.toISOString()}, after: ${fact}`, hint);
}
