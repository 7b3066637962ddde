import { expect, test } from 'vitest';
import { commandLine, openLab, type HostMachine } from '../../../lab/index.js';
import { hostNet, startVms, until } from '../../../lab/host-network.js';
import { openGround, stateOf, vmReaches, type Ground } from '../../../lab/host-ground.js';

/** How many; a hundred (`npm run soak:host`) take half an hour. */
const kills = Number(process.env['SIXHUB_KILLS'] ?? 6);
/** The same numbers again: SIXHUB_SEED. */
const seed = Number(process.env['SIXHUB_SEED'] ?? Date.now() % 1_000_000);

/**
 * `hostcore apply` and all that it has started, but not what is armed, is gone at an instant between its start and a while after
 * somebody confirmed, who may come at any instant as well. Then the host is by itself wholly as before, or, where that was
 * confirmed, wholly as after; and it answers.
 */
test(
  `killed at ${kills} random instants (seed ${seed}), a host is as before, or as confirmed`,
  async ({ annotate }) => {
    await using lab = await openLab();
    const ground = await openGround(lab);
    const { host, provider } = ground;
    const before = await stateOf(host);
    const { took, after } = await oneWhole(ground, before);
    const random = numbersFrom(seed);
    const seen = { before: 0, after: 0 };
    for (let count = 1; count <= kills; count++) {
      const atMs = Math.round(random() * (took + 3_000));
      const confirms = random() < 0.5;
      const what = `kill ${count} of seed ${seed}, after ${atMs} ms, ${confirms ? 'confirmed as soon as can be' : 'not confirmed'}`;
      const confirmed = await killAt(ground, atMs, confirms);
      await until(host, 'sh', ['-c', isSettled], /^settled/);
      const state = await stateOf(host);
      await provider.must('ping', ['-c', '1', '-W', '1', hostNet.host4]);
      await provider.must('ping', ['-c', '1', '-W', '1', `${hostNet.prefix}::2`]);
      expect(`${what}\n${state}`).toBe(`${what}\n${confirmed ? after : before}`);
      seen[confirmed ? 'after' : 'before'] += 1;
      if (!confirmed) continue;
      await back(ground);
      expect(`${what}, rolled back\n${await stateOf(host)}`).toBe(
        `${what}, rolled back\n${before}`,
      );
    }
    await annotate(
      `seed ${seed}: ${seen.before} times as before, ${seen.after} times as confirmed`,
    );
  },
  120_000 + kills * 20_000,
);

/** How long an apply takes here, and what it makes. */
async function oneWhole(
  ground: Ground,
  before: string,
): Promise<{ readonly took: number; readonly after: string }> {
  const { host } = ground;
  const since = performance.now();
  await ground.start(/NEW connection/, 'apply', '--confirm-within', '60s');
  const took = performance.now() - since;
  expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
  await startVms(ground);
  await vmReaches(ground);
  const after = await stateOf(host);
  await back(ground);
  expect(await stateOf(host)).toBe(before);
  return { took, after };
}

async function back(ground: Ground): Promise<void> {
  await ground.start(/NEW connection/, 'rollback', '--confirm-within', '60s');
  expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
}

/** Whether it was confirmed, before or after it was killed. */
async function killAt(ground: Ground, atMs: number, confirms: boolean): Promise<boolean> {
  const { host } = ground;
  const words = ['apply', '--no-verify', '--confirm-within', '5s', '--state', stateDirectory];
  const command = [process.execPath, ...commandLine('hostcore', words)].join(' ');
  await host.shell('rm -f /run/killed.pid');
  const running = host.run('sh', ['-c', `echo $$ > /run/killed.pid; exec ${command}`]);
  await until(host, 'cat', ['/run/killed.pid'], /\d/);
  const over = new AbortController();
  const confirming = confirms ? confirmSoon(ground, over.signal) : Promise.resolve(false);
  await new Promise((resolve) => setTimeout(resolve, atMs));
  await kill(host);
  await running;
  const settled = until(host, 'sh', ['-c', isSettled], /^settled/).finally(() => over.abort());
  const [confirmed] = await Promise.all([confirming, settled]);
  return confirmed;
}

const stateDirectory = '/run/sixhub-hostcore';

/**
 * The command with its children and the lock's holder. What is armed is a session of its own, and what systemctl was told is
 * PID 1's to do, whoever asked.
 */
async function kill(host: HostMachine): Promise<void> {
  await host.shell(`
    tree() {
      if [ "$(cat /proc/$1/comm 2>/dev/null)" = systemctl ]; then return; fi
      if grep -qa hostcore-rollback /proc/$1/cmdline 2>/dev/null; then return; fi
      echo $1
      for one in $(pgrep -P $1 || true); do tree $one; done
    }
    kill -STOP $(cat /run/killed.pid) 2>/dev/null || exit 0
    kill -9 $(tree $(cat /run/killed.pid)) 2>/dev/null || true`);
}

async function confirmSoon(ground: Ground, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const { code } = await ground.overSsh('confirm');
    if (code === 0) return true;
  }
  return false;
}

/** The mark that something is open is gone, and so is who takes it back. */
const isSettled =
  "[ -e /run/sixhub-hostcore/unconfirmed ] || pgrep --ns $$ --nslist net -f '[h]ostcore.js (apply|rollback)' >/dev/null || echo settled";

/** Mulberry32: numbers between 0 and 1 that come again with their seed. */
function numbersFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
