import type { Argv, Service, ServiceKind } from '../domain/service.js';

/**
 * What is known of each kind of service, as Debian ships it; agent.toml can say otherwise for each entry.
 * A new kind is a new row: the compiler asks for it.
 */
export interface KindRow {
  /** Its own checks of its configuration, `configuration` being agent.toml's. */
  readonly checks: (configuration: string | undefined) => readonly Argv[];
  /** Without systemd as PID 1, in containers: the service's own command. */
  readonly direct: { readonly reload: Argv; readonly revive: Argv } | undefined;
  /** Its systemd unit. Reloads go through PID 1, so that no daemon is born inside the agent's own sandbox. */
  readonly unit: string | undefined;
  readonly graceMs: number;
}

const usualGraceMs = 10_000;

const kinds: Readonly<Record<ServiceKind, KindRow>> = {
  apache: {
    checks: (file) => [['apache2ctl', ...option('-f', file), '-t']],
    direct: { reload: ['apache2ctl', 'graceful'], revive: ['apache2ctl', 'graceful'] },
    unit: 'apache2.service',
    graceMs: usualGraceMs,
  },
  nginx: {
    checks: (file) => [['nginx', ...option('-c', file), '-t']],
    direct: { reload: ['nginx', '-s', 'reload'], revive: ['service', 'nginx', 'restart'] },
    unit: 'nginx.service',
    graceMs: usualGraceMs,
  },
  postfix: {
    // What `postfix check` has to say goes to the mail log alone; any other program of it says here what it can't read.
    checks: (directory) => [
      ['postmap', ...option('-c', directory), '-q', 'any', 'inline:{any=none}'],
      ['postfix', ...option('-c', directory), 'check'],
    ],
    direct: { reload: ['postfix', 'reload'], revive: ['service', 'postfix', 'restart'] },
    unit: 'postfix.service',
    // A smtpd that waits for its next client goes on with what it has; a reload ends it when that one is served.
    graceMs: usualGraceMs,
  },
  dovecot: {
    checks: (file) => [['doveconf', ...option('-c', file), '-n']],
    direct: { reload: ['doveadm', 'reload'], revive: ['service', 'dovecot', 'restart'] },
    unit: 'dovecot.service',
    graceMs: usualGraceMs,
  },
  haproxy: {
    checks: (file) => [['haproxy', '-c', '-q', '-f', file ?? '/etc/haproxy/haproxy.cfg']],
    direct: {
      reload: ['service', 'haproxy', 'reload'],
      revive: ['service', 'haproxy', 'restart'],
    },
    unit: 'haproxy.service',
    graceMs: usualGraceMs,
  },
  exim: {
    checks: (file) => [['exim4', ...option('-C', file), '-bV']],
    direct: { reload: ['service', 'exim4', 'reload'], revive: ['service', 'exim4', 'restart'] },
    unit: 'exim4.service',
    graceMs: usualGraceMs,
  },
  generic: { checks: () => [], direct: undefined, unit: undefined, graceMs: usualGraceMs },
};

function option(letter: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [letter, value];
}

export function kindRow(kind: ServiceKind): KindRow {
  return kinds[kind];
}

export interface NamedPrograms {
  readonly configuration?: string;
  readonly check?: Argv;
  readonly reload?: Argv;
  readonly revive?: Argv;
}

/** The programs of a kind: what agent.toml names, else Debian's. Undefined where nobody knows how it is reloaded. */
export function programsOf(
  kind: ServiceKind,
  named: NamedPrograms,
  systemdRuns: boolean,
): Pick<Service, 'unit' | 'checks' | 'reload' | 'revive'> | undefined {
  const { checks, unit, direct } = kinds[kind];
  const usual =
    systemdRuns && unit !== undefined
      ? {
          reload: ['systemctl', 'reload', unit] as const,
          revive: ['systemctl', 'reload-or-restart', unit] as const,
        }
      : direct;
  const reload = named.reload ?? usual?.reload;
  // Who names a reload of their own has a service that Debian's unit says nothing about.
  const revive = named.revive ?? named.reload ?? usual?.revive;
  if (reload === undefined || revive === undefined) return undefined;
  const own = named.check === undefined ? checks(named.configuration) : [named.check];
  return { unit: named.reload === undefined ? unit : undefined, checks: own, reload, revive };
}
