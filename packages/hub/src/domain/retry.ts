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

export const policies: Readonly<Record<ProblemKind, Policy>> = {
  unreachable: {
    retry: 'back-off',
    hint: 'Check the directory address in hub.toml, and that this machine reaches it: curl -v DIRECTORY. An authority with a private root needs `trust`.',
  },
  'wrong-clock': {
    retry: 'back-off',
    hint: 'Nothing is ordered or replaced by a wrong clock. Set it right (timedatectl set-ntp true; timedatectl shows it); the hub then goes on by itself.',
  },
  misconfigured: {
    retry: 'back-off',
    hint: "Put the file back, readable for the hub's user, or correct hub.toml and restart the hub. Then `hub issue NAME`, or wait: it is tried again.",
  },
  internal: { retry: 'back-off', hint: 'See the log of the hub: journalctl -u sixhub.' },
  busy: { retry: 'back-off', hint: "Nothing is wrong here. See the authority's status page." },
  'server-internal': {
    retry: 'back-off',
    hint: 'Nothing is wrong here: the authority met an error of its own. See its status page; tell them if it lasts.',
  },
  'rate-limited': {
    retry: 'back-off',
    hint: 'The authority counts requests; asking again earlier only prolongs it.',
  },
  paused: {
    retry: 'back-off',
    hint: 'It failed so often that the authority waits for a person. Mend the cause (hub show NAME tells it), un-pause the name on the page that the authority names, then: hub issue NAME.',
  },
  'order-not-ready': { retry: 'back-off', hint: 'Nothing to do.' },
  slow: {
    retry: 'back-off',
    hint: "Nothing to do: the authority has the order and is asked for it again. If it lasts, see the authority's status page.",
  },
  'bad-nonce': {
    retry: 'at-once',
    hint: 'Nothing to do. If it lasts, something between here and the authority answers from a cache.',
  },
  caa: {
    retry: 'back-off',
    hint: 'A CAA record of the domain names other authorities. Add this one, or remove the record; `hub doctor DOMAIN` shows it.',
  },
  dns: {
    retry: 'back-off',
    hint: 'The authority could not look the challenge up. `hub doctor DOMAIN` walks the same way: zone, name servers, DNSSEC, and port 53, UDP and TCP, of this machine.',
  },
  connection: {
    retry: 'back-off',
    hint: 'The authority could not reach the name server. Check port 53, UDP and TCP, from outside; `hub doctor DOMAIN` sees it from here.',
  },
  tls: {
    retry: 'back-off',
    hint: 'The authority met a TLS error where dns-01 needs none; its words are all that is known. Tell them if it lasts.',
  },
  'incorrect-response': {
    retry: 'back-off',
    hint: 'The authority saw another value than the one published. `hub doctor DOMAIN` shows where the CNAME leads at each name server; see that no second server answers for the zone.',
  },
  'rejected-identifier': {
    retry: 'person',
    hint: 'The authority does not issue for this name. Correct the name, or take another authority.',
  },
  'unsupported-identifier': {
    retry: 'person',
    hint: 'The authority does not know this type of name. Ask for DNS names, or take another authority.',
  },
  'bad-csr': {
    retry: 'person',
    hint: 'The authority refuses the request as it is: most often its kind of key (choose another with --key), or too many names.',
  },
  'bad-public-key': {
    retry: 'person',
    hint: "The authority refuses a key: the certificate's (choose another kind with --key) or the account's (hub account register NAME makes a new one).",
  },
  'bad-signature-algorithm': {
    retry: 'person',
    hint: "The authority does not take the signatures of our account's key. Take another authority, and please report it.",
  },
  'invalid-profile': {
    retry: 'person',
    hint: 'Set `profile` in hub.toml to one that the directory lists under meta.profiles.',
  },
  'already-replaced': { retry: 'at-once', hint: 'Nothing to do.' },
  'already-revoked': { retry: 'at-once', hint: 'Nothing to do.' },
  'bad-revocation-reason': {
    retry: 'person',
    hint: 'The authority does not take this reason. Give another with --reason, or `unspecified`.',
  },
  compound: {
    retry: 'back-off',
    hint: 'Each name has a reason of its own, named above. Names that fail for long hold the others up: issue them apart.',
  },
  unauthorized: {
    retry: 'back-off',
    hint: 'The authority does not let our account do this. See `hub account list`; one that the authority closed is replaced by `hub account register NAME`.',
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
  'invalid-contact': {
    retry: 'person',
    hint: 'The authority refuses an address in `contact` in hub.toml. Correct it, or leave `contact` out where the authority needs none.',
  },
  'unsupported-contact': {
    retry: 'person',
    hint: 'The authority does not take this kind of `contact` in hub.toml. Give another mail address, or none.',
  },
  'user-action-required': {
    retry: 'person',
    hint: "The authority wants something of its account's owner, most often agreement to new terms: open the address in its words, then `hub issue` again.",
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

/** Tried again where it is first, since the fault may be ours or pass; anything else may go better elsewhere at once. */
const ownTrouble: ReadonlySet<ProblemKind> = new Set([
  'dns',
  'connection',
  'tls',
  'incorrect-response',
  'unauthorized',
  'bad-nonce',
  'order-not-ready',
  'slow',
  'already-replaced',
  'account-unknown',
  'internal',
]);

/** So long it is waited for the first authority where another may be quicker. */
const longestWaitMs = 3_600_000;

export function isWorthAnotherAuthority(
  kind: ProblemKind,
  failures: number,
  retryAfterMs = 0,
): boolean {
  return !ownTrouble.has(kind) || failures > 1 || retryAfterMs > longestWaitMs;
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
  const ordered = retryAfterMs ?? 0;
  switch (policy.retry) {
    case 'person':
      return { afterMs: undefined, hint: policy.hint };
    case 'at-once':
      return { afterMs: failures === 1 ? ordered : Math.max(step, ordered), hint: policy.hint };
    case 'back-off':
      return { afterMs: Math.max(step, ordered), hint: policy.hint };
    default:
      return policy.retry satisfies never;
  }
}
