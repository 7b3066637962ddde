import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ApplyRecord } from '../domain/apply/record.js';
import type { Event } from './desk.js';
import { keepFiles } from './keep-files.js';
import type { Run } from './run.js';
import { openStore } from './store.js';
import { takeBack } from './take-back.js';

const record: ApplyRecord = {
  ...{
    number: 1,
    phase: 'changing',
    kind: 'apply',
    host: 'merlin',
    config: '/etc/sixhub/host.toml',
  },
  ...{ began: '2026-11-26T03:00:00Z', boot: '', runner: { pid: 1, start: 1 } },
  ...{ countdown: undefined, activeAt: undefined, why: undefined, commands: [], users: [] },
  packages: ['tayga'],
};

test('packages go, and neither what was there before them nor a mask of a killed installation with them', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'take-back-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const store = await openStore(join(directory, 'applies'));
  const own = join(directory, 'tayga.conf');
  await writeFile(own, 'prefix 64:ff9b::/96\n');
  await store.write(record);
  await store.writeSnapshot(1, {
    ...{ devices: [], units: [{ unit: 'tayga.service', there: false, file: '', active: false }] },
    kernel: { devices: [], routes: [], proxies: [], sysctls: {}, tables: {} },
    ...(await keepFiles(store.directory, 1, [own])),
  });
  const asked: string[] = [];
  const run: Run = async (file, args) => {
    asked.push([file, ...args].join(' '));
    if (file === 'apt-get') await rm(own); // a conffile of the package's, by its name
    const code = file === 'nft' ? 1 : 0; // no table of ours
    return { kind: 'exited', code, stdout: '', stderr: '' };
  };
  const { phase } = await takeBack({ store, run, tell: () => undefined }, record, 'by hand');
  expect(phase).toBe('undone');
  expect(await readFile(own, 'utf8')).toBe('prefix 64:ff9b::/96\n');
  expect(asked).toContain('systemctl unmask --runtime tayga.service');
});

test('a rule of ebtables whose tool is not there is among what is left', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'take-back-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const store = await openStore(join(directory, 'applies'));
  const handle = 'bridge nat POSTROUTING handle 2';
  await store.write({ ...record, packages: [] });
  await store.writeSnapshot(1, {
    ...{ devices: [], units: [], files: [], madeDirectories: [] },
    kernel: {
      ...{ devices: [], routes: [], proxies: [], sysctls: {}, tables: {} },
      rewriting: [
        { rule: `-j snat (${handle})`, remove: `nft delete rule ${handle}`, out: undefined },
      ],
    },
  });
  const run: Run = (file) =>
    Promise.resolve({ kind: 'exited', code: file === 'nft' ? 1 : 0, stdout: '', stderr: '' });
  const told: Event[] = [];
  const tell = (event: Event): void => void told.push(event);
  await takeBack({ store, run, tell }, { ...record, packages: [] }, 'by hand');
  expect(told).toMatchObject([
    {
      event: 'undone',
      left: [expect.stringContaining(`-j snat (${handle}) is not back, since there is no`)],
    },
  ]);
});
