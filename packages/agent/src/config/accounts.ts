import { readFile } from 'node:fs/promises';

/** The users and groups of this machine, by name. */
export interface Accounts {
  /** Whom files belong to where agent.toml says nothing: who runs the agent. */
  readonly self: { readonly uid: number; readonly gid: number };
  readonly users: ReadonlyMap<string, number>;
  readonly groups: ReadonlyMap<string, number>;
}

/** What passwd(5) and group(5) have in common: a name, something, a number. */
export function parseAccountFile(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split('\n').flatMap((line): readonly [string, number][] => {
      const [name = '', , id = ''] = line.split(':');
      return name !== '' && /^\d+$/.test(id) ? [[name, Number(id)]] : [];
    }),
  );
}

/**
 * From the files, not from getent(1): a directory server that is slow or away must not decide whether certificates are
 * renewed. Whose accounts live there alone can be named by number.
 */
export async function readAccounts(): Promise<Accounts> {
  return {
    self: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    users: parseAccountFile(await readFile('/etc/passwd', 'utf8')),
    groups: parseAccountFile(await readFile('/etc/group', 'utf8')),
  };
}

/** The number of a name, or of what is a number already. */
export function findAccount(
  known: ReadonlyMap<string, number>,
  text: string | undefined,
): number | undefined {
  if (text === undefined) return undefined;
  return known.get(text) ?? (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
}
