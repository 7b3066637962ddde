import type { Argv, Service, ServiceKind } from '../domain/service.js';

/**
 * What is known of each kind of service, as Debian ships it; agent.toml can say otherwise for each entry.
 * A new kind is a new row: the compiler asks for it.
 */
export interface KindRow {
  /** Where to connect, and in which way, unless agent.toml says. */
  readonly connect: readonly string[];
  readonly check: Argv;
  /** Without systemd as PID 1, in containers: the service's own command. */
  readonly direct: { readonly reload: Argv; readonly revive: Argv };
  /** Its systemd unit. Reloads go through PID 1, so that no daemon is born inside the agent's own sandbox. */
  readonly unit: string;
  readonly graceMs: number;
}

const kinds: Readonly<Record<ServiceKind, KindRow>> = {
  apache: {
    connect: ['[::1]:443'],
    check: ['apache2ctl', '-t'],
    direct: { reload: ['apache2ctl', 'graceful'], revive: ['apache2ctl', 'graceful'] },
    unit: 'apache2.service',
    graceMs: 10_000,
  },
};

export function kindRow(kind: ServiceKind): KindRow {
  return kinds[kind];
}

/** The programs of a kind: what agent.toml names, else Debian's. */
export function programsOf(
  kind: ServiceKind,
  named: { readonly check?: Argv; readonly reload?: Argv; readonly revive?: Argv },
  systemdRuns: boolean,
): Pick<Service, 'check' | 'reload' | 'revive'> {
  const row = kinds[kind];
  const usual: KindRow['direct'] = systemdRuns
    ? {
        reload: ['systemctl', 'reload', row.unit],
        revive: ['systemctl', 'reload-or-restart', row.unit],
      }
    : row.direct;
  return {
    check: named.check ?? row.check,
    reload: named.reload ?? usual.reload,
    // Who names a reload of their own has a service that Debian's unit says nothing about.
    revive: named.revive ?? named.reload ?? usual.revive,
  };
}
