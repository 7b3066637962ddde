import { exitCodes, type ExitCode, type Terminal } from '@sixhub/base';
import { hostTomlSchema } from '../config/host-toml.js';

export async function schema(
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  terminal.out(JSON.stringify(hostTomlSchema(), undefined, json ? undefined : 2));
  return exitCodes.done;
}
