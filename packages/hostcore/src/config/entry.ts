/** What stands at a path of a value that came from outside; undefined where the path leads nowhere. */
export function entry(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (holder, key) =>
      typeof holder === 'object' && holder !== null ? Reflect.get(holder, key) : undefined,
    value,
  );
}
