import type { Verdict } from './delegation.js';

/**
 * The delegation of a domain that certificates in use need, looked at again and again: a domain that moved to another
 * provider loses its CNAME silently, and whoever learns of it from a failed renewal has little time left.
 */
export interface Watch {
  /** `doubted`: missing at the last look; a single look can meet a server that is being updated. */
  readonly state: 'there' | 'doubted' | 'gone';
  /** Since when it has been so. */
  readonly since: Date;
  /** What was seen last where it is not there: one sentence. */
  readonly seen: string;
  readonly lookAt: Date;
  /** When it was looked at last, by us or by the authority; undefined: before this was kept. */
  readonly lookedAt: Date | undefined;
  /** When the last certificate that needs it ends; after that nobody looks. */
  readonly until: Date;
  readonly everyMs: number;
}

export interface Look {
  readonly watch: Watch;
  /** What a person should be told now. */
  readonly news: 'gone' | 'back' | undefined;
}

const day = 86_400_000;

/** Begins, or begins anew, with a version that was issued: its authority has just seen the delegation. */
export function watchFrom(
  version: { readonly notBefore: Date; readonly notAfter: Date },
  now: Date,
  random: () => number,
): Watch {
  const lifetime = version.notAfter.getTime() - version.notBefore.getTime();
  const everyMs = Math.min(day, lifetime / 10);
  return {
    state: 'there',
    since: now,
    seen: '',
    lookAt: spread(now, everyMs, random),
    lookedAt: now,
    until: version.notAfter,
    everyMs,
  };
}

export function afterLook(watch: Watch, verdict: Verdict, now: Date, random: () => number): Look {
  const next = (share: number): Date => spread(now, watch.everyMs * share, random);
  const lookedAt = now;
  switch (verdict.kind) {
    case 'ready': {
      const lookAt = next(1);
      if (watch.state === 'there')
        return { watch: { ...watch, lookAt, lookedAt }, news: undefined };
      const back: Watch = { ...watch, state: 'there', since: now, seen: '', lookAt, lookedAt };
      return { watch: back, news: watch.state === 'gone' ? 'back' : undefined };
    }
    // No answer says nothing about the record; what is known stays.
    case 'untested':
      return { watch: { ...watch, lookAt: next(1 / 8) }, news: undefined };
    case 'wanted': {
      const { seen } = verdict.record;
      const lookAt = next(watch.state === 'there' ? 1 / 48 : 1 / 8);
      if (watch.state === 'gone')
        return { watch: { ...watch, seen, lookAt, lookedAt }, news: undefined };
      return watch.state === 'there'
        ? {
            watch: { ...watch, state: 'doubted', since: now, seen, lookAt, lookedAt },
            news: undefined,
          }
        : { watch: { ...watch, state: 'gone', seen, lookAt, lookedAt }, news: 'gone' };
    }
    default:
      return verdict satisfies never;
  }
}

/**
 * Whether the authority is asked all the same for what is not seen from here. It decides, not the hub, and it saw the
 * delegation when it issued last: what can't be looked up now may well be there, and so may what some see, or what was
 * gone, after a while. What nobody sees is not spent one of its limits on.
 */
export function isWorthAsking(
  watch: Watch | undefined,
  verdict: Exclude<Verdict, { kind: 'ready' }>,
  waitedMs: number,
): boolean {
  if (watch === undefined) return false;
  if (verdict.kind === 'untested' && watch.state !== 'gone') return true;
  if (verdict.kind === 'wanted' && verdict.everywhere) return false;
  return waitedMs >= watch.everyMs;
}

/** Not looked at now. */
export function postponed(watch: Watch, now: Date): Watch {
  return { ...watch, lookAt: new Date(now.getTime() + watch.everyMs) };
}

/** A tenth early at most, so that what was issued together is not looked at together. */
function spread(now: Date, milliseconds: number, random: () => number): Date {
  return new Date(now.getTime() + milliseconds * (1 - random() / 10));
}
