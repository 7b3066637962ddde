import { programFailure } from '@sixhub/base';
import type { DhcpClient } from '../domain/dhcp-client.js';
import { startWords } from '../domain/dhcp-clients.js';
import { hasSystemd } from './countdown.js';
import type { Run } from './run.js';

/** In a unit of its own: in that of the countdown systemd would end it when all is back. What went wrong is returned. */
export async function startClient(run: Run, client: DhcpClient): Promise<string | undefined> {
  const [program = '', ...args] = startWords(client);
  if (!hasSystemd()) return programFailure(await run(program, args));
  const unit = `sixhub-hostcore-${client.program}-${client.pid}`;
  const words = [`--unit=${unit}`, '--collect', '--quiet', '--property=Type=forking', '--'];
  return programFailure(await run('systemd-run', [...words, program, ...args]));
}
