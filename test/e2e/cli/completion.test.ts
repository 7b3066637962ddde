import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  checkoutRoot,
  mustBe,
  openEstate,
  openLab,
  openPane,
  runCommand,
  runTool,
} from '../../lab/index.js';

const size = { columns: 160, rows: 24 };

/** Each shell, started bare, and how it takes the completion: as a package installs it, or as `hub completion` prints it. */
const shells = [
  {
    name: 'bash',
    shell: ['bash', '--norc', '--noprofile'],
    load: () => 'source <(hub completion bash)',
  },
  {
    name: 'zsh',
    shell: ['zsh', '-f'],
    load: (pages: string) =>
      `fpath=(${pages}/usr/share/zsh/vendor-completions $fpath); autoload -U compinit; compinit -u -D`,
  },
  {
    name: 'zsh, at the prompt',
    shell: ['zsh', '-f'],
    load: () => 'autoload -U compinit; compinit -u -D; source <(hub completion zsh)',
  },
  {
    name: 'fish',
    shell: ['fish', '--no-config', '-C', "function fish_prompt; echo -n '$ '; end"],
    load: () => 'hub completion fish | source',
  },
];

test.each(shells)(
  '$name completes commands, options, and what the running hub knows; nothing where it is down',
  async ({ shell, load }) => {
    await using estate = await openEstate();
    const { hub, lab } = estate;
    const daemon = await hub.serve();
    await mustBe(3, await hub.run(['issue', 'example.org', '--wait-delegation', '0']));
    await mustBe(0, await hub.run(['agent', 'add', 'web-of-example', '--cert', 'example.org']));
    const pages = await lab.makeDirectory('pages');
    await runTool('node', [join(checkoutRoot, 'scripts/pages.mjs'), pages]);
    const pane = await openPane(lab, { ...size, shell });
    await pane.enter(`${load(pages)}; clear; echo loaded`);
    await pane.until(/^loaded$/m);

    const completes = async (typed: string, seen: RegExp): Promise<void> => {
      await pane.press('C-u');
      await pane.type(typed);
      await pane.press('Tab');
      await pane.until(seen);
    };
    await completes('hub recor', /^\$ hub records$/m);
    await completes('hub agent ungr', /^\$ hub agent ungrant$/m);
    await completes('hub revoke --reason superse', /^\$ hub revoke --reason superseded$/m);
    await completes('hub show --vers', /^\$ hub show --versions$/m);
    await completes('hub init --authority=zero', /^\$ hub init --authority=zerossl$/m);
    const socket = `--socket ${join(hub.config, '../hub.sock')}`;
    await completes(`hub agent ungrant ${socket} web`, /ungrant --socket \S+ web-of-example$/m);
    await pane.type('ex');
    await pane.press('Tab');
    await pane.until(/web-of-example example\.org$/m);

    await daemon.stop();
    await completes(`hub renew ${socket} ex`, /renew .* ex$/m);
    await completes('hub account roll', /^\$ hub account rollover$/m);
    expect(await pane.screen()).not.toContain('error');
  },
);

test('where nobody listens, TAB is silent', async () => {
  await using lab = await openLab();
  const place = await lab.makeDirectory('nothing');
  const words = ['--complete', 'show', '--socket', join(place, 'hub.sock'), ''];
  const { stdout, stderr } = await mustBe(0, await runCommand('hub', words));
  expect(stdout + stderr).toBe('');
});
