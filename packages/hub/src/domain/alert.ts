/**
 * A trouble that stands: it began, it may get worse, and some day it is over. What stands follows from what the hub
 * knows, each time anew; what was told about it is kept apart (telling.ts).
 */
export interface Alert {
  /** The same for as long as it stands: `certificate:example.org`. */
  readonly id: string;
  readonly kind: AlertKind;
  /** The certificate, domain, agent or authority. */
  readonly subject: string;
  readonly severity: Severity;
  /** From 0; more is worse, and told again. */
  readonly level: number;
  /** Alerts of one cause are told in one. */
  readonly cause: string;
  readonly since: Date;
  /** When a certificate ends, or has ended, because of it. */
  readonly endsAt: Date | undefined;
  /** A few words: who, and what is the matter. */
  readonly headline: string;
  readonly fact: string;
  /** What to do, as a sentence: where, and the verb. */
  readonly fix: string;
}

export const alertKinds = [
  /** A certificate is not issued, or not renewed in time. */
  'certificate',
  /** A CNAME was there, and is not any more. */
  'delegation',
  /** An agent could not install a version, or a service does not serve it. */
  'deployment',
  /** A new version went to some agents, failed there, and goes to no other. */
  'rollout',
  /** An agent is not heard of any more. */
  'agent',
  /** More than one machine uses an agent's identity. */
  'copy',
  /** A physical host is not as it is described, or does not do what it should. */
  'host',
  /** An authority has new terms of service. */
  'terms',
  /** This machine's clock is wrong, and nothing is renewed by it. */
  'clock',
] as const;
export type AlertKind = (typeof alertKinds)[number];

/**
 * So many certificates are followed one by one. A disaster that strikes more has one cause, and must not take the hub's
 * time from mending it.
 */
export const mostAlertsOfAKind = 1_000;

/** `critical`: something is broken for its users, or will be within hours or a few days. */
export type Severity = 'warning' | 'critical';
