import type { RunProgram } from '@sixhub/base';
import { formatAddress, type IpAddress } from '../domain/ip-address.js';

/** `ping(8)`, asked again until it is answered or the time is over. */
export async function echoes(run: RunProgram, to: IpAddress, seconds: number): Promise<boolean> {
  const words = ['-n', '-q', '-c', '1', '-i', '0.3', '-w', String(seconds), formatAddress(to)];
  const result = await run('ping', words, { timeoutMs: (seconds + 1) * 1_000 });
  return result.kind === 'exited' && result.code === 0;
}
