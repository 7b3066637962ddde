import type { HubHouse } from '../../lab/index.js';
import { domain } from './laboratory.js';

/** SHA-256 of the version that the hub holds for the newest. */
export async function issuedFingerprint(hub: HubHouse, signal: AbortSignal): Promise<string> {
  const { stdout } = await hub.run(['show', domain, '--json'], { signal });
  const found = /"fingerprint":"([0-9a-f]{64})"/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`hub show names no version of ${domain}: ${stdout}`);
  return found;
}
