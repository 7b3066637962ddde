import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '@sixhub/base';

/** A machine of its own directories, on which the real hub-agent is called as a process. */
export interface Machine extends AsyncDisposable {
  readonly root: string;
  readonly state: string;
  readonly live: string;
  readonly versions: string;
  configure(services: string): Promise<void>;
  agent(words: readonly string[], input?: string): Promise<AgentRun>;
  /** The same, to be killed by the test. */
  spawnAgent(words: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
}

export interface AgentRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const main = fileURLToPath(new URL('../../bin/hub-agent.js', import.meta.url));

/** On the Node of the tests, unless another is named: Debian 12 has an older one. */
export async function makeMachine(
  node = process.env['SIXHUB_AGENT_NODE'] ?? process.execPath,
): Promise<Machine> {
  // Parents must be open: Apache's children read as www-data.
  const root = await mkdtemp(join(tmpdir(), 'hub-agent-'));
  await mkdir(join(root, 'letsencrypt'));
  const [state, live] = [join(root, 'state'), join(root, 'letsencrypt', 'live')];
  const config = join(root, 'agent.toml');
  const configure = (services: string): Promise<void> =>
    writeFile(config, `state = "${state}"\nlive = "${live}"\n${services}`);
  await configure('');
  const argsOf = (words: readonly string[]): string[] => {
    const [command = '', ...rest] = words;
    return [main, command, '--config', config, ...rest];
  };
  return {
    root,
    state,
    live,
    versions: join(root, 'letsencrypt', 'sixhub'),
    configure,
    async agent(words, input = '') {
      const result = await runProgram(node, argsOf(words), {
        input,
        timeoutMs: 50_000,
      });
      if (result.kind !== 'exited') throw new Error(`hub-agent: ${JSON.stringify(result)}`);
      return { code: result.code, out: result.stdout, err: result.stderr };
    },
    spawnAgent: (words, env) =>
      spawn(node, argsOf(words), { stdio: 'ignore', env: { ...process.env, ...env } }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
