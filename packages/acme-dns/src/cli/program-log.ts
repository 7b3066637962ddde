import { pino, type Logger } from 'pino';
import type { Config } from './config-schema.js';

/** The log of `serve`: JSON lines on standard output, into a file, or both, by the Go program's settings. */
export function openLog({ logconfig }: Config): Logger {
  const level = logconfig.loglevel === 'warning' ? 'warn' : logconfig.loglevel;
  const { logtype, logfile } = logconfig;
  const streams = [
    ...(logtype === 'file' ? [] : [{ level, stream: pino.destination({ dest: 1, sync: false }) }]),
    ...(logtype === 'stdout' || logfile === undefined
      ? []
      : [{ level, stream: pino.destination({ dest: logfile, mkdir: true, sync: false }) }]),
  ];
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.multistream(streams),
  );
}
