import { usageError } from '@sixhub/base';

/** Where to log in, and as whom. */
export interface SshTarget {
  readonly user: string;
  /** A name or an address, without brackets, in small letters. */
  readonly host: string;
  readonly port: number;
}

/** As somebody wrote it: what is not said may stand in ssh_config(5). */
export interface SshPlace {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

const usualPort = 22;
const usualUser = 'root';

/** root, and port 22, unless said. */
export function parseTarget(text: string): SshTarget {
  const { host, user = usualUser, port = usualPort } = parsePlace(text);
  return { user, host, port };
}

/** `root@web`, `web`, `web:2222`, `root@2001:db8::1`, `root@[2001:db8::1]:2222`. */
export function parsePlace(text: string): SshPlace {
  const [, user, place = ''] = /^(?:([^@\s]+)@)?([^@\s]+)$/.exec(text) ?? [];
  const [, bracketed, plain = place, digits] =
    /^\[([^\][]+)\](?::(\d+))?$/.exec(place) === null
      ? (/^()([^:]+)(?::(\d+))?$/.exec(place) ?? [])
      : (/^\[([^\][]+)\]()(?::(\d+))?$/.exec(place) ?? []);
  const host = (bracketed || plain).toLowerCase();
  const port = digits === undefined ? undefined : Number(digits);
  const isPort = port === undefined || (port > 0 && port < 65_536);
  if (/^[a-z0-9:][a-z0-9.:%_-]*$/.test(host) && /^(?!-)/.test(user ?? '') && isPort) {
    return { user, host, port };
  }
  throw usageError(
    `'${text}' names no host to log in at`,
    'Write USER@HOST or USER@HOST:PORT, as in root@web.example.org; an IPv6 address with a port in brackets: root@[2001:db8::1]:2222.',
  );
}

/** As known_hosts has it, and as people read it. */
export function hostName({ host, port }: Pick<SshTarget, 'host' | 'port'>): string {
  return port === usualPort ? host : `[${host}]:${port}`;
}

export function targetText(target: SshTarget): string {
  return `${target.user}@${hostName(target)}`;
}
