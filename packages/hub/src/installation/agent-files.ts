import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorText, exitCodes, SixhubError } from '@sixhub/base';

/** A file of the agent as it lies on its machine. */
export interface AgentFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
  readonly sha256: string;
}

/** All that an agent's machine gets from us, but for what it makes by itself. */
export interface AgentFiles {
  readonly program: AgentFile;
  readonly launcher: AgentFile;
  /** Of no use where systemd does not run. */
  readonly units: readonly AgentFile[];
}

export const places = {
  directory: '/usr/lib/sixhub-agent',
  program: '/usr/lib/sixhub-agent/hub-agent.mjs',
  launcher: '/usr/bin/hub-agent',
  units: '/etc/systemd/system',
  state: '/var/lib/sixhub-agent',
  configuration: '/etc/sixhub/agent.toml',
} as const;

/** What `systemctl enable --now` is for; the service is the timer's. */
export const enabledUnits = ['sixhub-agent.timer', 'sixhub-agent-watch.service'] as const;
export const unitNames = ['sixhub-agent.service', ...enabledUnits] as const;

/** What `hub-agent detect --write` makes beside them. */
export const dropIns = ['sixhub-agent.service', 'sixhub-agent-watch.service'].map(
  (name) => `${places.units}/${name}.d/sixhub-agent-toml.conf`,
);

const launcher = `#!/bin/sh\nexec node ${places.program} "$@"\n`;

/** Beside `dist` in the Debian package, beside the hub in a checkout. */
const homes = ['../../agent/', '../../../agent/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** From the agent beside this hub, so that both are of one version. */
export async function readAgentFiles(): Promise<AgentFiles> {
  const agent = homes.find((home) => existsSync(home)) ?? homes[0] ?? '';
  try {
    const units = await readdir(join(agent, 'systemd'));
    return {
      program: file(places.program, 0o644, await readFile(join(agent, 'dist/hub-agent.mjs'))),
      launcher: file(places.launcher, 0o755, Buffer.from(launcher)),
      units: await Promise.all(
        units
          .toSorted()
          .map(async (name) =>
            file(join(places.units, name), 0o644, await readFile(join(agent, 'systemd', name))),
          ),
      ),
    };
  } catch (error) {
    throw new SixhubError({
      code: 'agent-not-built',
      fact: `the agent that goes with this hub is not whole: ${errorText(error)}`,
      hint: 'In a checkout, build it: npm run setup. Else install the hub again.',
      exit: exitCodes.usage,
    });
  }
}

function file(path: string, mode: number, content: Uint8Array): AgentFile {
  return { path, mode, content, sha256: createHash('sha256').update(content).digest('hex') };
}
