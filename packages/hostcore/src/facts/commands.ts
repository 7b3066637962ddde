import type { RunProgram } from '@sixhub/base';

/** What a program printed as JSON; undefined where it is not there, failed, or printed something else. */
export async function jsonOf(
  run: RunProgram,
  file: string,
  args: readonly string[],
  input?: string,
): Promise<unknown> {
  const result = await run(file, args, {
    timeoutMs: 10_000,
    ...(input === undefined ? {} : { input }),
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' },
  });
  if (result.kind !== 'exited' || result.code !== 0) return undefined;
  try {
    return JSON.parse(result.stdout.trim() || '[]');
  } catch {
    return undefined; // an older version prints text whatever it is asked
  }
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function field(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

export function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
