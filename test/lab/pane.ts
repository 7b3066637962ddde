import { chmod, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '@sixhub/base';
import { checkoutRoot, commands } from './checkout.js';
import type { Lab } from './lab.js';
import { programFile } from './program-file.js';
import { runTool } from './run-tool.js';

/** A terminal with a shell in it, in a tmux of its own: what a person sees, and what they type. */
export interface Pane {
  /** What stands on the screen now, without the spaces at the ends of lines. */
  screen(): Promise<string>;
  /** That and all that was scrolled out above. */
  everything(): Promise<string>;
  /** Types text as it is, and Return. */
  enter(text: string): Promise<void>;
  /** Presses one key, by tmux's name: `C-c`, `Tab`. */
  press(key: string): Promise<void>;
  type(text: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Waits until the screen has it, and returns the screen; throws with the screen after half a minute. */
  until(pattern: RegExp): Promise<string>;
}

export interface PaneOptions {
  readonly columns: number;
  readonly rows: number;
  /** A shell and its arguments; a plain sh unless said. Its prompt should be `$ `. */
  readonly shell?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const patienceMs = 30_000;

export async function openPane(lab: Lab, options: PaneOptions): Promise<Pane> {
  const place = await lab.makeDirectory('pane');
  const socket = join(place, 'tmux');
  const tmux = (...words: readonly string[]): Promise<string> =>
    runTool('tmux', ['-S', socket, '-f', '/dev/null', ...words]);
  const env = {
    PATH: await ownPath(place),
    PS1: '$ ',
    HOME: place,
    LC_ALL: 'C.UTF-8',
    ...options.env,
  };
  await tmux(
    'new-session',
    ...['-d', '-x', String(options.columns), '-y', String(options.rows), '-c', place],
    ...['--', 'env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
    ...(options.shell ?? ['sh']),
  );
  lab.own({ [Symbol.asyncDispose]: async () => void (await tmux('kill-server')) });
  await tmux('set-option', '-g', 'history-limit', '10000');
  const capture = async (...words: readonly string[]): Promise<string> =>
    (await tmux('capture-pane', '-p', ...words)).replaceAll(/ +$/gm, '').trimEnd();
  const type = async (text: string): Promise<void> =>
    void (await tmux('send-keys', '-l', '--', text));
  const press = async (key: string): Promise<void> => void (await tmux('send-keys', key));
  const pane: Pane = {
    screen: () => capture(),
    everything: () => capture('-J', '-S', '-'),
    type,
    press,
    async enter(text) {
      await type(text);
      await press('Enter');
    },
    resize: async (columns, rows) =>
      void (await tmux('resize-window', '-x', String(columns), '-y', String(rows))),
    async until(pattern) {
      const deadline = performance.now() + patienceMs;
      for (;;) {
        const seen = await capture();
        if (pattern.test(seen)) return seen;
        if (performance.now() > deadline) throw new Error(`${pattern} did not appear on\n${seen}`);
        await systemClock.sleep(50);
      }
    },
  };
  await pane.until(/^\$/m);
  return pane;
}

/** The commands of this checkout under their names, before the system's. */
async function ownPath(place: string): Promise<string> {
  const directory = join(place, 'bin');
  await mkdir(directory);
  await chmod(directory, 0o755);
  for (const [name, file] of Object.entries(commands)) {
    await symlink(join(checkoutRoot, file), join(directory, name));
  }
  return [
    directory,
    dirname(process.execPath),
    dirname(programFile('tmux')),
    '/usr/bin',
    '/bin',
  ].join(':');
}
