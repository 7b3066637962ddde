import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Apache } from './apache.js';
import { runCommand, type CommandOptions, type CommandResult } from './checkout.js';
import type { Lab } from './lab.js';

/** A machine with hub-agent on it: a place, its configuration, and the command. */
export interface AgentHouse {
  readonly config: string;
  readonly state: string;
  /** Where its certificates are: live/NAME. */
  readonly live: string;
  /** Where hostcore would leave how the physical host is; there is none unless a test makes one. */
  readonly hostStatus: string;
  /** Writes agent.toml anew. */
  configure(services: readonly AgentService[]): Promise<void>;
  /** Runs `hub-agent WORDS --config …`. */
  run(words: readonly string[], options?: CommandOptions): Promise<CommandResult>;
}

export interface AgentService {
  readonly apache: Pick<Apache, 'check' | 'reload' | 'endpoints'>;
  readonly certificates: readonly string[];
  /** SNI to send; none unless said. */
  readonly names?: readonly string[];
  readonly name?: string;
}

export async function makeAgent(lab: Lab, name: string): Promise<AgentHouse> {
  const place = await lab.makeDirectory(name);
  const config = join(place, 'agent.toml');
  const live = join(place, 'live');
  const state = join(place, 'state');
  const hostStatus = join(place, 'host-status.json');
  await mkdir(live, { mode: 0o755 });
  const configure = (services: readonly AgentService[]): Promise<void> =>
    writeFile(config, renderConfig({ state, live, hostStatus }, services));
  await configure([]);
  return {
    config,
    state,
    live,
    hostStatus,
    configure,
    run: (words, options) => runCommand('hub-agent', [...words, '--config', config], options),
  };
}

function renderConfig(
  { state, live, hostStatus }: Pick<AgentHouse, 'state' | 'live' | 'hostStatus'>,
  services: readonly AgentService[],
): string {
  const list = (words: readonly string[]): string => JSON.stringify(words); // TOML writes it so too
  return [
    `state = "${state}"`,
    `live = "${live}"`,
    `host-status = "${hostStatus}"`,
    ...services.flatMap(({ apache, certificates, names, name }) => [
      '',
      '[[service]]',
      'kind = "apache"',
      ...(name === undefined ? [] : [`name = "${name}"`]),
      `certificates = ${list(certificates)}`,
      `connect = ${list(apache.endpoints)}`,
      ...(names === undefined ? [] : [`names = ${list(names)}`]),
      `check = ${list(apache.check)}`,
      `reload = ${list(apache.reload)}`,
    ]),
    '',
  ].join('\n');
}
