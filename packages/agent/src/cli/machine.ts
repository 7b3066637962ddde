import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { readAgentConfig, type AgentConfig } from '../config/agent-toml.js';
import type { ReaderParts } from '../services/reader-parts.js';

/** This machine's configuration; sd_booted(3) says how one knows that systemd is PID 1. */
export function readMachine(file: string): Promise<AgentConfig> {
  return readAgentConfig(file, existsSync('/run/systemd/system'));
}

/** The configuration files of services. */
export const machineFiles: ReaderParts['files'] = {
  read: (path) => readFile(path, 'utf8'),
  list: (directory) => readdir(directory),
};
