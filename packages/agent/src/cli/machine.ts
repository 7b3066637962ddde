import { existsSync } from 'node:fs';
import { readAgentConfig, type AgentConfig } from '../config/agent-toml.js';

/** This machine's configuration; sd_booted(3) says how one knows that systemd is PID 1. */
export function readMachine(file: string): Promise<AgentConfig> {
  return readAgentConfig(file, existsSync('/run/systemd/system'));
}
