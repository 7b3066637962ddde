/**
 * Loaded into a hub-agent by `node --import`: ends the process by SIGKILL just before its Nth change of the file system
 * (SIXHUB_KILL_AT), and says which files it had written and not synced, since a loss of power takes those (ext4 and
 * its like have a name long before its content). Without a kill it says how many changes there were, and of which kind.
 */
import { writeFileSync } from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const at = Number(process.env['SIXHUB_KILL_AT'] ?? Infinity);
const account = process.env['SIXHUB_KILL_ACCOUNT'] ?? '/dev/null';
let count = 0;
/** Of each change, the function that makes it. */
const kinds: string[] = [];
/** Written, and not synced since. */
const unsynced = new Set<string>();
const paths = new WeakMap<object, string>();

function step(kind: string): void {
  count += 1;
  kinds.push(kind);
  if (count < at) return;
  writeFileSync(account, JSON.stringify({ killed: true, count, kinds, unsynced: [...unsynced] }));
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000); // the signal is on its way
}

process.on('exit', () =>
  writeFileSync(account, JSON.stringify({ killed: false, count, kinds, unsynced: [...unsynced] })),
);

type Change = (...args: unknown[]) => Promise<unknown>;

function wrap(owner: object, name: string, after: (self: object, args: unknown[]) => void): void {
  const real: unknown = Reflect.get(owner, name);
  if (typeof real !== 'function') throw new Error(`there is no ${name} to wrap`);
  const wrapped = async function (this: object, ...args: unknown[]): Promise<unknown> {
    step(name);
    const result: unknown = await (real as Change).apply(this, args);
    after(this, args);
    return result;
  };
  Reflect.set(owner, name, wrapped);
}

for (const name of ['symlink', 'unlink', 'rm', 'mkdir', 'utimes', 'chmod', 'chown', 'lchown']) {
  wrap(promises, name, () => undefined);
}
for (const name of ['writeFile', 'appendFile', 'copyFile']) {
  wrap(promises, name, (_self, args) => unsynced.add(String(args[name === 'copyFile' ? 1 : 0])));
}
wrap(promises, 'rename', (_self, [from, to]) => {
  for (const path of [...unsynced]) {
    if (path !== from && !path.startsWith(`${String(from)}/`)) continue;
    unsynced.delete(path);
    unsynced.add(`${String(to)}${path.slice(String(from).length)}`);
  }
});
const open = promises.open.bind(promises);
Reflect.set(promises, 'open', async (...args: Parameters<typeof open>): Promise<FileHandle> => {
  const [path, flags = 'r'] = args;
  if (flags !== 'r') step('open');
  const file = await open(...args);
  paths.set(file, String(path));
  return file;
});
const probe = await open('/dev/null');
const handle: object = Object.getPrototypeOf(probe);
await probe.close();
for (const name of ['writeFile', 'write', 'appendFile']) {
  wrap(handle, name, (self) => unsynced.add(paths.get(self) ?? ''));
}
for (const name of ['sync', 'datasync']) {
  wrap(handle, name, (self) => unsynced.delete(paths.get(self) ?? ''));
}
for (const name of ['chmod', 'chown', 'truncate']) wrap(handle, name, () => undefined);
syncBuiltinESMExports();
