import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Resolver } from 'node:dns/promises';
import { systemCode } from '@sixhub/base';
import { expect, test } from 'vitest';
import type { Stage } from '../../authority/conduct.js';
import {
  checkoutRoot,
  logSays,
  mustBe,
  programFile,
  startDaemon,
  type Daemon,
} from '../../lab/index.js';
import {
  domain,
  openAuthorityEstate,
  until,
  type AuthorityEstate,
} from '../hub/authority-estate.js';

const day = 86_400_000;
const hubProgram = join(checkoutRoot, 'packages/hub/bin/hub.js');

/**
 * `hub serve` in a mount namespace of its own, its state directory on a small disk of its own (tmpfs), which goes with
 * the namespace. From outside it is reached below /proc/PID/root.
 */
async function serveOnSmallDisk(
  { hub }: AuthorityEstate,
  before = 'true',
): Promise<Daemon & { readonly state: string }> {
  const script = `mount -t tmpfs -o size=4m,mode=0700 tmpfs "$1" &&
    "$2" init --config "$3" >/dev/null && ${before} && exec "$2" serve --config "$3"`;
  const daemon = await startDaemon({
    name: 'hub serve on a small disk',
    program: programFile('unshare', 'util-linux'),
    args: ['-m', 'sh', '-c', script, 'sh', hub.state, hubProgram, hub.config],
    logFile: join(hub.config, '..', 'log'),
    ready: logSays(/"hub is ready"/),
    readyWithinMs: 30_000,
  });
  return { ...daemon, state: join(`/proc/${daemon.pid}/root`, hub.state) };
}

/** All at once, so that the hub can do nothing in between. */
function fill(state: string): void {
  const file = openSync(join(state, 'filler'), 'a');
  try {
    for (let size = 65_536; size >= 1; size = Math.floor(size / 2)) {
      const piece = Buffer.alloc(size);
      try {
        for (;;) writeSync(file, piece);
      } catch (error) {
        if (systemCode(error) !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}

function makeRoom(state: string): void {
  rmSync(join(state, 'filler'));
}

async function answersDns({ hub }: AuthorityEstate): Promise<void> {
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  resolver.setServers([hub.stub.at[0] ?? '']);
  const soa = await resolver.resolveSoa(hub.stub.zone);
  expect(soa.nsname).not.toBe('');
}

test.each<Stage>(['new-order', 'challenge', 'finalize', 'certificate'])(
  'a disk that is full from %s on: DNS goes on, it is said once, and the same order is finished when there is room',
  async (stage) => {
    await using estate = await openAuthorityEstate({ names: ['first'], lifetimeMs: 90 * day });
    const { hub, authorities } = estate;
    await using daemon = await serveOnSmallDisk(estate);
    const { conduct, ledger } = authorities[0] ?? expect.fail('there is an authority');
    await estate.delegate();
    conduct.trouble.set(stage, {
      ...{ kind: 'dead', acted: true, times: 1 },
      met: () => fill(daemon.state),
    });
    const issuing = hub.run(['issue', domain]);
    await until('the hub says that its disk is full', async () =>
      (await daemon.log()).includes('database or disk is full'),
    );
    await answersDns(estate);
    await mustBe(0, await hub.run(['list']));
    const refused = await hub.run(['token', 'add', 'monitoring']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("the disk that has the hub's database is full");
    expect(refused.stderr).toContain('df -h');
    expect((await daemon.log()).match(/issuance interrupted/g) ?? []).toHaveLength(1);

    makeRoom(daemon.state);
    await mustBe(0, await hub.run(['issue', domain]));
    await issuing;
    expect(daemon.isRunning()).toBe(true);
    expect(ledger.orders).toHaveLength(1);
    expect(ledger.certificates.size).toBe(1);
    expect(ledger.accounts).toHaveLength(1);
  },
  120_000,
);

test('a disk that is read-only: the hub says so and ends, instead of half starting', async () => {
  await using estate = await openAuthorityEstate({ names: ['first'], lifetimeMs: 90 * day });
  const ended = await serveOnSmallDisk(estate, 'mount -o remount,ro "$1"').catch(
    (error: unknown) => error,
  );
  expect(String(ended)).toContain('ended before it was ready');
  const { hub } = estate;
  const log = await readLog(hub.config);
  expect(log).toMatch(/error: the database .*hub\.db can't be opened/);
  expect(log).toContain('read-only');
  expect(log).not.toMatch(/^\s+at /m);
});

test('a database that another process has locked: an error that says so, DNS goes on, and so does the hub after it', async () => {
  await using estate = await openAuthorityEstate({ names: ['first'], lifetimeMs: 90 * day });
  const { hub, authorities } = estate;
  const daemon = await hub.serve();
  await estate.delegate();
  const locker = spawn(programFile('sqlite3'), [join(hub.state, 'hub.db')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const locked = new Promise<void>((resolve) => locker.stdout.once('data', () => resolve()));
    locker.stdin.write("begin immediate; select 'locked';\n");
    await locked;
    const refused = await hub.run(['token', 'add', 'monitoring']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("another process holds the hub's database locked");
    await answersDns(estate);
  } finally {
    locker.stdin.end('rollback;\n');
    await new Promise((resolve) => locker.once('exit', resolve));
  }
  await mustBe(0, await hub.run(['issue', domain]));
  expect(daemon.isRunning()).toBe(true);
  expect(authorities[0]?.ledger.orders).toHaveLength(1);
}, 90_000);

async function readLog(config: string): Promise<string> {
  return readFile(join(config, '..', 'log'), 'utf8');
}
