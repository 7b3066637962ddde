import { command, exitCodes } from '@sixhub/base';
import { createAcmeDns } from '../acme-dns.js';
import { listenText } from '../domain/listen-address.js';
import { configOption } from './config-option.js';
import { yieldToAnswers } from '../yield-to-answers.js';
import { acmeDnsOptions } from './config-options.js';
import { readConfig } from './config-file.js';
import { takeOver } from './take-over.js';
import { onHangup } from './hangup.js';
import { needsRestart } from './needs-restart.js';
import { ProgramLog } from './program-log.js';

export const serve = command({
  name: 'serve',
  summary: 'answer DNS and the HTTP API until it is told to stop',
  operands: [],
  options: {
    config: configOption,
  },
  examples: [
    {
      line: 'acme-dns serve -c /etc/acme-dns/config.cfg',
      does: "serves what the Go program's file says",
    },
  ],
  run: async ({ options }, terminal) => {
    const { path, config, remarks } = await readConfig(options.config);
    const programLog = new ProgramLog(config);
    const log = programLog.logger;
    for (const remark of remarks) log.warn({ file: path }, remark);
    await takeOver(config.database.connection, log);
    const broken = new AbortController();
    const starting = createAcmeDns({
      ...acmeDnsOptions(config, log),
      onEnded: (error) => broken.abort(error),
    });
    // Before it listens: a SIGHUP that nobody takes ends the process.
    await using _reloads = onHangup(async () => {
      const next = await readConfig(options.config);
      await (await starting).reload(acmeDnsOptions(next.config, log));
      programLog.configure(next.config);
      for (const remark of next.remarks) log.warn({ file: path }, remark);
      for (const setting of needsRestart(config, next.config))
        log.warn({ file: path }, `${setting} has changed and needs a restart`);
    }, log);
    await using server = await starting;
    yieldToAnswers(); // only now: threads that are started later would inherit it
    log.info(
      {
        domain: config.general.domain,
        dns: server.addresses.map(listenText),
        http: server.httpAddresses.map(listenText),
      },
      'acme-dns serves',
    );
    await stopped(AbortSignal.any([terminal.signal, broken.signal]));
    if (broken.signal.aborted) throw broken.signal.reason; // systemd starts it again
    log.info({}, 'acme-dns stops');
    return exitCodes.done;
  },
});

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
