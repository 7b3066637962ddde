import type { WantedCertificate } from '@sixhub/protocol';
import { stillWaiting } from './backoff.js';
import { isReached, type Remembered, type Starts } from './remembered.js';
import type { Service } from './service.js';
import { isExpired, type Installed } from './version.js';

/** What a run does with one certificate. */
export type Decision =
  /** Installed, and looked at within the day. */
  | { readonly kind: 'nothing' }
  /** It failed lately; `until` is when it is tried again. */
  | { readonly kind: 'wait'; readonly until: string }
  /** live/NAME belongs to another program. */
  | { readonly kind: 'blocked'; readonly why: string }
  /** Another version must come under live/NAME. */
  | { readonly kind: 'install'; readonly why: string }
  /** It is under live/NAME, but the run that put it there ended before its services were proven. */
  | { readonly kind: 'settle' }
  /** Installed and settled: only look on the wire, and reload what does not serve it. */
  | { readonly kind: 'look'; readonly why: string };

export interface Situation {
  readonly wanted: WantedCertificate;
  readonly installed: Installed;
  readonly remembered: Remembered | undefined;
  /** The services of this machine that agent.toml binds to it. */
  readonly services: readonly Service[];
  /** Those that run now. */
  readonly starts: Starts;
  readonly now: Date;
  /** A person asked: no back-off, and a look in any case. */
  readonly eager: boolean;
}

const lookEveryMs = 24 * 3_600_000;

export function decide(situation: Situation): Decision {
  const { wanted, installed, remembered, now, eager } = situation;
  const known = remembered?.version === wanted.version ? remembered : undefined;
  const restarted = restartedSince(known, situation);
  const isPressing = eager || restarted !== undefined || isWorthless(installed, wanted, now);
  const isWaiting = !isPressing && stillWaiting(known?.retryAt, now);
  const until = isWaiting ? known?.retryAt : undefined;
  switch (installed.kind) {
    case 'foreign':
      return { kind: 'blocked', why: installed.why };
    case 'damaged':
      return { kind: 'install', why: `what is installed is damaged: ${installed.why}` };
    case 'absent':
      return until === undefined
        ? { kind: 'install', why: 'not installed yet' }
        : { kind: 'wait', until };
    case 'whole':
      if (installed.version.fingerprint === wanted.fingerprint) {
        return decideInstalled(situation, known, until, installed.amiss);
      }
      return until === undefined
        ? { kind: 'install', why: known === undefined ? 'a new version' : 'tried again' }
        : { kind: 'wait', until };
    default:
      return installed satisfies never;
  }
}

/** Who mends a service restarts it; and what was restarted may have read other files. */
function restartedSince(
  known: Remembered | undefined,
  { services, starts }: Situation,
): string | undefined {
  const before = known?.starts ?? {};
  const other = services.find(({ name }) => {
    const [then, now] = [before[name], starts[name]];
    return then !== undefined && now !== undefined && then !== now;
  });
  return other?.name;
}

/** What is expired or revoked is worth nothing, so that there is nothing to lose by trying again at once. */
function isWorthless(installed: Installed, { revoked }: WantedCertificate, now: Date): boolean {
  return (
    installed.kind === 'whole' &&
    (isExpired(installed.version, now) || revoked.includes(installed.version.fingerprint))
  );
}

function decideInstalled(
  situation: Situation,
  known: Remembered | undefined,
  until: string | undefined,
  amiss: string | undefined,
): Decision {
  const { services, now, eager } = situation;
  // A copy that can't be made is not tried at each tick: it may be a key store, which takes seconds.
  if (amiss !== undefined && until !== undefined) return { kind: 'wait', until };
  if (known === undefined || !known.installed) return { kind: 'settle' };
  if (until !== undefined) return { kind: 'wait', until };
  if (amiss !== undefined) return { kind: 'install', why: `put right: ${amiss}` };
  if (services.length === 0) return { kind: 'nothing' };
  if (eager) return { kind: 'look', why: 'asked for' };
  const restarted = restartedSince(known, situation);
  if (restarted !== undefined) {
    return { kind: 'look', why: `${restarted} was started since it was looked at` };
  }
  const unheard = services.find(
    ({ name }) => !known.services.some((result) => result.service === name),
  );
  if (unheard !== undefined) return { kind: 'look', why: `${unheard.name} is new in agent.toml` };
  if (!isReached(known)) return { kind: 'look', why: 'tried again' };
  const since = now.getTime() - Date.parse(known.lookedAt ?? '');
  // Not a number, or before the epoch of a clock that was set back: due as well.
  return since >= 0 && since < lookEveryMs
    ? { kind: 'nothing' }
    : { kind: 'look', why: 'once a day' };
}
