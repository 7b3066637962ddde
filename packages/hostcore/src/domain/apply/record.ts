/**
 * What is known of one apply, or of one rollback to before an older one, which is a change like any other. It is written down
 * whole at each turn; the journal beside it is for people.
 */
export interface ApplyRecord {
  readonly number: number;
  readonly kind: 'apply' | 'rollback';
  /** Of a rollback, the apply before which it goes back. */
  readonly before?: number | undefined;
  readonly host: string;
  readonly config: string;
  readonly phase: Phase;
  /** When it began, for people. */
  readonly began: string;
  readonly boot: string;
  readonly runner: ProcessMark;
  readonly countdown: Countdown | undefined;
  /** On the clock that counts from boot, when everything was done: who confirms came after it. */
  readonly activeAt: Seconds | undefined;
  /** What was told to managers and services. */
  readonly commands: readonly string[];
  /** What was installed, with what it needs and brings along. */
  readonly packages: readonly string[];
  /** Those of them that had left files of an earlier time in /etc: taken out again, they leave them as they did then. */
  readonly remnants?: readonly string[];
  readonly users: readonly string[];
  readonly why: string | undefined;
}

/** Changes nothing yet; changes; is done, and waits for a person; is kept; is taken back. */
export type Phase = 'preparing' | 'changing' | 'waiting' | 'confirmed' | 'undone';

/** A process and no other one that later gets its number. */
export interface ProcessMark {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, proc(5). */
  readonly start: number;
}

export type Seconds = number;

/** Who takes everything back, and when, on the clock that no date changes. */
export interface Countdown {
  readonly by:
    | { readonly kind: 'timer'; readonly unit: string }
    | { readonly kind: 'process'; readonly mark: ProcessMark };
  readonly endsAt: Seconds;
}

export function isOpen({ phase }: ApplyRecord): boolean {
  return phase !== 'confirmed' && phase !== 'undone';
}
