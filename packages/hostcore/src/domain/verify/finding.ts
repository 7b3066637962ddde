/** One thing that packets proved, or did not, about a host; with why it is so, as far as that can be seen, and what to do. */
export type VerifyFinding = {
  /** Stable, for programs: `ra-prefix`. */
  readonly id: string;
  readonly about: About;
  readonly what: string;
} & (
  | { readonly state: 'ok' }
  | { readonly state: 'wrong' | 'doubtful'; readonly cause: string; readonly remedy: string }
  | { readonly state: 'not tested'; readonly cause: string }
);

/** In the order in which they are shown. */
export const abouts = ['advertisement', 'client', 'names', 'reach', 'machines', 'host'] as const;
export type About = (typeof abouts)[number];

interface Findings {
  readonly ok: (id: string, what: string) => VerifyFinding;
  readonly wrong: (id: string, what: string, why: Why) => VerifyFinding;
  readonly doubtful: (id: string, what: string, why: Why) => VerifyFinding;
  readonly notTested: (id: string, what: string, cause: string) => VerifyFinding;
}

/** Findings of one group: what each check yields, with the group filled in. */
export function findingsAbout(about: About): Findings {
  return {
    ok: (id, what) => ({ id, about, what, state: 'ok' }),
    wrong: (id, what, why) => ({
      ...{ id, about, what, state: 'wrong' as const },
      ...why,
    }),
    doubtful: (id, what, why) => ({
      ...{ id, about, what, state: 'doubtful' as const },
      ...why,
    }),
    notTested: (id, what, cause) => ({
      ...{ id, about, what, state: 'not tested' as const, cause },
    }),
  };
}

export interface Why {
  readonly cause: string;
  readonly remedy: string;
}
