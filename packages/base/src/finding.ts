/** One thing that was looked at, what it means, and what to do about it. */
export interface Finding {
  /**
   * `wrong` stops what the program is for, now or when it is due next; `doubtful` does not yet. `not tested`: this machine
   * can't see it, which says nothing about what is there.
   */
  readonly state: 'ok' | 'wrong' | 'doubtful' | 'not tested';
  readonly what: string;
  /** The DNS record that it is about, as a line of a zone file: there, or to be created. */
  readonly record?: string | undefined;
  readonly remedy?: string | undefined;
}

export function ok(what: string, record?: string): Finding {
  return { state: 'ok', what, record };
}

export function wrong(what: string, remedy: string, record?: string): Finding {
  return { state: 'wrong', what, remedy, record };
}

export function doubtful(what: string, remedy: string, record?: string): Finding {
  return { state: 'doubtful', what, remedy, record };
}

export function notTested(what: string, remedy?: string): Finding {
  return { state: 'not tested', what, remedy };
}
