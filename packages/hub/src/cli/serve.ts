import { once } from 'node:events';
import { exitCodes, type ExitCode, type Terminal } from '@sixhub/base';
import pino from 'pino';
import { readConfig } from '../config/config.js';
import { defaultConfigFile } from '../config/config-file.js';
import { startHub } from './start-hub.js';

export async function serve(
  input: { readonly options: { readonly config: string | undefined } },
  terminal: Terminal,
): Promise<ExitCode> {
  process.umask(0o077); // state and keys are nobody else's
  const config = await readConfig(input.options.config ?? defaultConfigFile);
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  const broken = new AbortController();
  await using hub = await startHub(config, log, (error) => broken.abort(error));
  const stop = AbortSignal.any([terminal.signal, broken.signal]);
  if (!stop.aborted) await once(stop, 'abort');
  if (broken.signal.aborted) throw broken.signal.reason; // systemd starts it again
  log.info({}, 'hub is stopping');
  void hub; // closed by this block, after what runs has come to rest
  return exitCodes.done;
}
