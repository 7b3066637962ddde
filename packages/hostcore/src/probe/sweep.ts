import { systemCode, type RunProgram } from '@sixhub/base';
import { parseAddress } from '../domain/ip-address.js';
import { readProxied } from '../facts/neighbours.js';
import { readDevices } from '../facts/devices.js';
import { ownerOfAddress, ownerOfDevice } from './names.js';

/**
 * What probes left that were killed at a bad moment. Devices go with their namespace, so that hardly one is ever found; an
 * entry of the neighbour discovery proxy is nobody's, and stays.
 */
export async function sweep(run: RunProgram): Promise<void> {
  const [devices, proxied] = await Promise.all([readDevices(run), readProxied(run)]);
  for (const { name } of devices ?? []) {
    if (isLeft(ownerOfDevice(name))) await run('ip', ['link', 'delete', name]);
  }
  for (const entry of proxied) {
    const [text = '', device = ''] = entry.split(' ');
    const address = parseAddress(text);
    if (address === undefined || !isLeft(ownerOfAddress(address))) continue;
    await run('ip', ['-6', 'neigh', 'delete', 'proxy', text, 'dev', device]);
  }
}

function isLeft(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}
