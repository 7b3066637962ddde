import type { CertificateName } from '@sixhub/protocol';
import type { Endpoint } from '@sixhub/wire';

/** The kinds of service that this agent knows; each has a row in services/kinds.ts, which the compiler completes. */
export const serviceKinds = [
  'apache',
  'nginx',
  'postfix',
  'dovecot',
  'haproxy',
  'exim',
  /** Any other: agent.toml says how it is reloaded and where it listens. */
  'generic',
] as const;
export type ServiceKind = (typeof serviceKinds)[number];

/** A program and its arguments; never a line for a shell. */
export type Argv = readonly [string, ...string[]];

/** One service of this machine, as agent.toml names it. What the hub says can add nothing to it. */
export interface Service {
  /** Unique on this machine; the kind unless agent.toml says more. */
  readonly name: string;
  readonly kind: ServiceKind;
  readonly certificates: readonly CertificateName[];
  /** Its main configuration file or directory where that is not Debian's: `/etc/postfix-out`, `/srv/haproxy.cfg`. */
  readonly configuration: string | undefined;
  /** Undefined: where the service's own configuration has it listen, read again before each look. */
  readonly connect: readonly Endpoint[] | undefined;
  /** Sent as SNI; none means that none is sent. Only with `connect`: else the configuration binds names. */
  readonly names: readonly string[];
  /** Its systemd unit, whose restarts are noticed; undefined where agent.toml says itself how it is reloaded. */
  readonly unit: string | undefined;
  /** The service's own checks of its configuration, in this order; the first that fails has the words. */
  readonly checks: readonly Argv[];
  /** Makes it read its certificates again. */
  readonly reload: Argv;
  /** As `reload`, and where a reload has killed the service, starts it: only used to bring the old version back. */
  readonly revive: Argv;
  /** How long after a reload it may still serve the version before. */
  readonly graceMs: number;
}
