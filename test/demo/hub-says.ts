import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentHouse, HubHouse } from '../lab/index.js';
import { domain } from './laboratory.js';

/** SHA-256 of the version that the hub holds for the newest. */
export async function issuedFingerprint(hub: HubHouse, signal: AbortSignal): Promise<string> {
  const { stdout } = await hub.run(['show', domain, '--json'], { signal });
  const found = /"fingerprint":"([0-9a-f]{64})"/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`hub show names no version of ${domain}: ${stdout}`);
  return found;
}

/** The hub's private CA, which an enrolled machine has and which its API's certificate is below. */
export async function hubCa({ state }: AgentHouse): Promise<string> {
  const identity: unknown = JSON.parse(await readFile(join(state, 'identity.json'), 'utf8'));
  if (typeof identity === 'object' && identity !== null && 'ca' in identity) {
    return String(identity.ca);
  }
  throw new Error('the agent has no CA of the hub');
}
