import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '@sixhub/base';
import { checkoutRoot, openLab, programFile, runTool } from '../../lab/index.js';

test('manual pages that man, mandoc and the index of pages take without a word', async () => {
  await using lab = await openLab();
  const pages = await lab.makeDirectory('pages');
  await runTool('node', [join(checkoutRoot, 'scripts/pages.mjs'), pages]);
  const directory = join(pages, 'usr/share/man/man1');
  const names = (await readdir(directory)).toSorted();
  expect(names).toEqual(['acme-dns.1', 'hostcore.1', 'hub-agent.1', 'hub.1', 'sixhub.1']);
  for (const name of names) {
    const file = join(directory, name);
    // man complains on standard error, mandoc on standard output; neither fails for it.
    const shown = await runProgram(programFile('man'), ['--warnings', '-l', file], {
      cwd: join(pages, 'usr/share/man'),
      env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80' },
    });
    expect(shown).toMatchObject({ kind: 'exited', code: 0, stderr: '' });
    if (name === 'sixhub.1') continue; // another name of hub.1
    expect(await runTool('mandoc', ['-Tlint', file])).toBe('');
    const program = name.slice(0, -2);
    expect(await runTool('lexgrog', [file])).toContain(`"${program} - `);
    expect(await readFile(file, 'utf8')).toContain(
      `.SS "${program.replaceAll('-', '\\-')} completion`,
    );
  }
});
