import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  makeHubAlone,
  openLab,
  startSshMachine,
  type CommandOptions,
  type CommandResult,
  type HubHouse,
  type Lab,
  type SshMachine,
  type SshMachineOptions,
} from '../../lab/index.js';

/** A user of the hub's machine, who has a home and no SSH agent, and a machine to install on. */
export interface Ground extends AsyncDisposable {
  readonly lab: Lab;
  readonly hub: HubHouse;
  readonly machine: SshMachine;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `hub agent install root@… --name web --identity …`, with more words. */
  install(words: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Writes a line for known_hosts. */
  know(line: string): Promise<void>;
}

export async function openGround(options: SshMachineOptions = {}): Promise<Ground> {
  const lab = await openLab();
  try {
    const hub = await makeHubAlone(lab);
    await hub.serve();
    return await groundOn(lab, hub, await startSshMachine(lab, options));
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

export async function groundOn(lab: Lab, hub: HubHouse, machine: SshMachine): Promise<Ground> {
  const home = await lab.makeDirectory('home');
  await mkdir(join(home, '.ssh'));
  const env = { HOME: home, SSH_AUTH_SOCK: undefined };
  return {
    ...{ lab, hub, machine, home, env },
    install: (words, more) =>
      hub.run(
        [
          'agent',
          'install',
          machine.root,
          '--name',
          'web',
          '--identity',
          machine.identity,
          ...words,
        ],
        { ...more, env: { ...env, ...more?.env } },
      ),
    know: (line) => appendFile(join(home, '.ssh/known_hosts'), `${line}\n`),
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** As known_hosts names it. */
export function knownAs({ address, root }: SshMachine): string {
  return `[${address}]:${root.split(':').at(-1)}`;
}

/** Every file of the directories that an installation may write to: type, mode, size, change, target. */
export function filesOf(machine: SshMachine): Promise<string> {
  return machine.mustInside(
    "find /etc /usr/bin /usr/lib /usr/local/bin /var/lib /root -xdev -printf '%p %y %m %s %C@ %l\\n' | grep -v ' /usr/lib/python' | sort",
  );
}

export function pathsIn(files: string): readonly string[] {
  return files.split('\n').map((line) => line.split(' ')[0] ?? '');
}
