import type { Keeping } from './keeping.js';

/** What sixhub-agent.service lets a run write, with all below it; the unit says why. */
export const grantedPaths = [
  '/run',
  '/etc/letsencrypt',
  '/var/lib/sixhub-agent',
  '/var/log/nginx',
  '/var/lib/nginx',
  '/etc/postfix',
] as const;

/** Where ProtectHome= shows a unit nothing at all (systemd.exec(5)). */
const homes = ['/home', '/root', '/run/user'] as const;

/** What agent.toml asks for, and the unit's sandbox keeps from a run. */
export interface WriteRights {
  /** Directories, each once, in the order of their names. */
  readonly paths: readonly string[];
  /** One of them lies in somebody's home. */
  readonly inHomes: boolean;
}

export interface Written {
  readonly live: string;
  readonly state: string;
  readonly keepings: readonly Keeping[];
}

export function lackingRights({ live, state, keepings }: Written): WriteRights {
  const copies = keepings.flatMap((keeping) => keeping.copies.map(({ path }) => directoryOf(path)));
  // Beside `live` the versions lie.
  const wanted = new Set([directoryOf(live), state, ...copies]);
  const isHome = (path: string): boolean => homes.some((home) => isWithin(path, home));
  const paths = [...wanted]
    .filter((path) => isHome(path) || !grantedPaths.some((granted) => isWithin(path, granted)))
    .sort();
  return { paths, inHomes: paths.some(isHome) };
}

/** Paths of agent.toml are whole and normal. */
function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** A drop-in for the unit (systemd.unit(5)); undefined where the unit itself will do. */
export function dropInFor({ paths, inHomes }: WriteRights, file: string): string | undefined {
  if (paths.length === 0) return undefined;
  return [
    `# From ${file}, by hub-agent detect --write, which keeps it as that file says.`,
    '[Service]',
    // Without the dash, one directory that is missing would keep the unit from starting.
    ...paths.map((path) => `ReadWritePaths=${quoted(`-${path}`)}`),
    ...(inHomes
      ? ['# A copy lies in a home: ProtectHome=yes would hide it.', 'ProtectHome=read-only']
      : []),
    '',
  ].join('\n');
}

/** systemd.syntax(7): words are split at white space, % begins a specifier, and a backslash an escape. */
function quoted(path: string): string {
  const escaped = path.replaceAll('%', '%%').replaceAll(/[\\"]/g, '\\$&');
  return /[\s'"\\]/.test(path) ? `"${escaped}"` : escaped;
}
