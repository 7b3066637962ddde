import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { readAgentConfig, type AgentConfig } from '../config/agent-toml.js';
import { openCopies } from '../copies/copies.js';
import { formMaker } from '../forms/form-maker.js';
import type { Copies } from '../ports.js';
import type { ReaderParts } from '../services/reader-parts.js';

/** Whether it is PID 1: sd_booted(3). */
export function systemdRuns(): boolean {
  return existsSync('/run/systemd/system');
}

export function readMachine(file: string): Promise<AgentConfig> {
  return readAgentConfig(file, systemdRuns());
}

/** The configuration files of services. */
export const machineFiles: ReaderParts['files'] = {
  read: (path) => readFile(path, 'utf8'),
  list: (directory) => readdir(directory),
};

/** The copies that it asks for, made by the programs of this machine. */
export function copiesOf({ live, state, keepings }: AgentConfig): Copies {
  const workshop = join(state, 'workshop');
  return openCopies({ live, state, workshop }, keepings, formMaker(runProgram, workshop));
}
