import { pino, type Logger } from 'pino';
import type { Config } from './config-schema.js';

/** The log of `serve`: JSON lines on standard output, into a file, or both, by the Go program's settings. */
export class ProgramLog {
  readonly logger: Logger;
  private readonly file: { reopen(): void } | undefined;

  constructor(config: Config) {
    const { logtype, logfile } = config.logconfig;
    const file =
      logtype === 'stdout' || logfile === undefined
        ? undefined
        : pino.destination({ dest: logfile, mkdir: true, sync: false });
    const streams = [
      ...(logtype === 'file' ? [] : [pino.destination({ dest: 1, sync: false })]),
      ...(file === undefined ? [] : [file]),
    ];
    this.file = file;
    this.logger = pino(
      { level: levelOf(config), base: null, timestamp: pino.stdTimeFunctions.isoTime },
      // The logger's level decides, so that it can change.
      pino.multistream(streams.map((stream) => ({ level: 'trace', stream }))),
    );
  }

  /** Takes the level over, and opens the file anew: logrotate has moved the old one away. */
  configure(config: Config): void {
    this.logger.level = levelOf(config);
    this.file?.reopen();
  }
}

function levelOf({ logconfig }: Config): string {
  return logconfig.loglevel === 'warning' ? 'warn' : logconfig.loglevel;
}
