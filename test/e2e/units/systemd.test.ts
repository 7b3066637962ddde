import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import { checkoutRoot, programFile } from '../../lab/index.js';

/** The exposure that a service may have at most, by systemd's own measure. */
const exposures: Readonly<Record<string, number>> = {
  'acme-dns.service': 2.0,
  'sixhub.service': 2.0,
  'sixhub-agent.service': 5.0,
  'sixhub-agent-watch.service': 5.0,
  'sixhub-hostcore.service': 4.0,
  'sixhub-hostcore-drift.service': 4.5,
};

const files = readdirSync(join(checkoutRoot, 'packages')).flatMap((name) => {
  const directory = join('packages', name, 'systemd');
  if (!existsSync(join(checkoutRoot, directory))) return [];
  return readdirSync(join(checkoutRoot, directory)).map((unit) => join(directory, unit));
});

test('there are units to look at', () => {
  expect(files.length).toBeGreaterThanOrEqual(3);
});

test('what watches may do exactly what a run may do', async () => {
  const sandbox = async (unit: string): Promise<string> => {
    const text = await readFile(join(checkoutRoot, 'packages/agent/systemd', unit), 'utf8');
    const from = text.indexOf('# What it may write');
    expect(from).toBeGreaterThan(0);
    return text
      .slice(from)
      .replace(/\n\[Install\][^]*$/, '')
      .trim();
  };
  expect(await sandbox('sixhub-agent-watch.service')).toBe(await sandbox('sixhub-agent.service'));
});

test.each(files)('%s passes systemd-analyze verify', async (file) => {
  const place = await mkdtemp(join(tmpdir(), 'sixhub-units-'));
  try {
    // The programs are where packages will put them, not on the machine that runs this test.
    for (const unit of files) {
      const text = await readFile(join(checkoutRoot, unit), 'utf8');
      const here = text
        .replaceAll(/^(Exec\w+=[-+!@:]*)\S+/gm, '$1/bin/true')
        .replaceAll(/^Documentation=.*$/gm, '');
      await writeFile(join(place, basename(unit)), here);
    }
    const copy = join(place, basename(file));
    const analyze = programFile('systemd-analyze', 'systemd');
    const verified = await runProgram(analyze, ['verify', '--man=no', copy]);
    expect(verified).toMatchObject({ kind: 'exited', code: 0, stderr: '' });
    if (file.endsWith('.timer')) return;
    const security = await runProgram(analyze, ['security', '--offline=yes', copy]);
    const said = security.kind === 'exited' ? security.stdout : '';
    const level = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
    expect(level).toBeLessThanOrEqual(exposures[basename(file)] ?? 0);
  } finally {
    await rm(place, { recursive: true });
  }
});
