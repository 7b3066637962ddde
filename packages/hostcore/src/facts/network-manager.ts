import type { RunProgram } from '@sixhub/base';

/** How NetworkManager has each device (`connected`, `unmanaged`); undefined where it does not run. */
export async function readNetworkManager(
  run: RunProgram,
): Promise<ReadonlyMap<string, string> | undefined> {
  const result = await run('nmcli', ['--terse', '--fields', 'DEVICE,STATE', 'device'], {
    timeoutMs: 10_000,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (result.kind !== 'exited' || result.code !== 0) return undefined;
  return deviceStates(result.stdout);
}

/** nmcli(1): with `--terse`, a colon between the two, and a backslash before one in a name. */
export function deviceStates(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, state] = /^(.+):([^:]+)$/.exec(line) ?? [];
      if (name === undefined || state === undefined) return [];
      return [[name.replaceAll(/\\(.)/g, '$1'), state] as const];
    }),
  );
}
