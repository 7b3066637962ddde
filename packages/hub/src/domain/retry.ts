import type { ProblemKind } from '@sixhub/acme';

/**
 * After a failure: when the hub tries again by itself, and what a person can do.
 * The steps are those of Let's Encrypt's integration guide: 1, 10, 100 minutes, then daily.
 */
const steps = [1, 10, 100, 1_440].map((minutes) => minutes * 60_000);

interface Policy {
  /** `person`: trying again without a change is useless. */
  readonly retry: 'back-off' | 'at-once' | 'person';
  readonly hint: string;
}

const policies: Readonly<Record<ProblemKind, Policy>> = {
  unreachable: {
    retry: 'back-off',
    hint: 'Check the directory address in hub.toml, and that this machine reaches it: curl -v DIRECTORY. An authority with a private root needs `trust`.',
  },
  'rate-limited': {
    retry: 'back-off',
    hint: 'The authority counts requests; asking again earlier only prolongs it. A name that it paused must be un-paused on its web page.',
  },
  busy: { retry: 'back-off', hint: "Nothing is wrong here. See the authority's status page." },
  'bad-nonce': { retry: 'at-once', hint: 'Nothing to do.' },
  'order-not-ready': { retry: 'back-off', hint: 'Nothing to do.' },
  'already-replaced': { retry: 'at-once', hint: 'Nothing to do.' },
  'already-revoked': { retry: 'at-once', hint: 'Nothing to do.' },
  'invalid-profile': {
    retry: 'person',
    hint: 'Set `profile` in hub.toml to one that the directory lists under meta.profiles.',
  },
  caa: {
    retry: 'back-off',
    hint: 'A CAA record of the domain names other authorities. Add this one, or remove the record.',
  },
  dns: {
    retry: 'back-off',
    hint: "The authority could not look the challenge up. Check that the zone's NS record and its address are published, and that port 53, UDP and TCP, reaches this machine.",
  },
  connection: {
    retry: 'back-off',
    hint: 'The authority could not reach the name server. Check port 53, UDP and TCP, from outside.',
  },
  unauthorized: {
    retry: 'back-off',
    hint: 'The authority saw another value than the one published. Check the CNAME, and that no second server answers for the zone.',
  },
  'rejected-identifier': {
    retry: 'person',
    hint: 'The authority does not issue for this name. Correct the name, or take another authority.',
  },
  'bad-csr': {
    retry: 'person',
    hint: 'The authority refuses this kind of key. Choose another with --key.',
  },
  'account-unknown': { retry: 'at-once', hint: 'The account is registered anew.' },
  'account-deactivated': {
    retry: 'person',
    hint: 'A new account is made by `hub account register NAME`, or take the authority out of hub.toml.',
  },
  'external-account-required': {
    retry: 'person',
    hint: 'Get a key id and an HMAC key from the authority and set `eab_key_id` and `eab_hmac_key_file` for it in hub.toml.',
  },
  'user-action-required': {
    retry: 'person',
    hint: "The authority wants something of its account's owner, most often agreement to new terms; its words say where.",
  },
  'wrong-certificate': {
    retry: 'back-off',
    hint: "It was not kept, and nothing was replaced. If the clock of this machine is right (timedatectl), the fault is the authority's: tell them.",
  },
  malformed: {
    retry: 'back-off',
    hint: 'Authority and hub do not understand each other. Please report it.',
  },
  other: { retry: 'back-off', hint: "The authority's own words are all that is known." },
};

export interface Retry {
  /** Undefined: not by itself. */
  readonly afterMs: number | undefined;
  readonly hint: string;
}

/** Worth trying at another authority at once; the rest is tried again first, since it may be ours. */
const ownTrouble: ReadonlySet<ProblemKind> = new Set([
  'dns',
  'connection',
  'unauthorized',
  'bad-nonce',
  'order-not-ready',
  'already-replaced',
  'account-unknown',
]);

export function isWorthAnotherAuthority(kind: ProblemKind, failures: number): boolean {
  return !ownTrouble.has(kind) || failures > 1;
}

/**
 * `failures`: in a row, this one included, from 1. A `Retry-After` is obeyed where it is later than our own step,
 * which is `longestMs` at most: days are too long for what lives days.
 */
export function planRetry(
  kind: ProblemKind,
  failures: number,
  retryAfterMs?: number,
  longestMs = Infinity,
): Retry {
  const policy = policies[kind];
  const step = Math.min(longestMs, steps[Math.min(failures, steps.length) - 1] ?? 60_000);
  switch (policy.retry) {
    case 'person':
      return { afterMs: undefined, hint: policy.hint };
    case 'at-once':
      return { afterMs: failures === 1 ? (retryAfterMs ?? 0) : step, hint: policy.hint };
    case 'back-off':
      return { afterMs: Math.max(step, retryAfterMs ?? 0), hint: policy.hint };
    default:
      return policy.retry satisfies never;
  }
}
