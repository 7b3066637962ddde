/** One thing that was looked at. `hint` says what to change where it is wrong. */
export interface Finding {
  /** `not tested`: this machine can't get there, which says nothing about what is there. */
  readonly state: 'ok' | 'wrong' | 'not tested';
  readonly what: string;
  readonly hint?: string;
}

export function ok(what: string): Finding {
  return { state: 'ok', what };
}

export function wrong(what: string, hint: string): Finding {
  return { state: 'wrong', what, hint };
}

export function notTested(what: string, hint: string): Finding {
  return { state: 'not tested', what, hint };
}
