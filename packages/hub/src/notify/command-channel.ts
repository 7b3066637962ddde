import { programFailure, runProgram } from '@sixhub/base';
import type { CommandConfig } from '../config/notify-config.js';
import type { Channel, Sent } from './channel.js';
import { printable } from './https-post.js';

/**
 * A program of the administrator's, started by its argument list, never through a shell, with the hub's own rights and
 * an environment that has nothing of the hub's. The message is JSON on standard input, the same as a webhook's with its
 * id; exit 0 means that it was told.
 */
export function commandChannel(config: CommandConfig): Channel {
  const [file, ...words] = config.command;
  return {
    name: config.name,
    kind: 'command',
    async send({ id, document }, signal): Promise<Sent> {
      const result = await runProgram(file, words, {
        input: `${JSON.stringify({ id, ...document })}\n`,
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' },
        cwd: '/',
        timeoutMs: config.timeout,
        signal,
      });
      const failure = programFailure(result);
      if (failure === undefined) return { kind: 'sent', answer: `${file} ended with 0` };
      const how = result.kind === 'exited' ? `${file} ended with ${result.code}` : file;
      const [said = ''] = failure.split('\n', 1);
      return {
        kind: 'failed',
        fact: `${how}: ${printable(said).slice(0, 200)}`,
        hint: "Run it as the hub's user, with an empty environment; it gets JSON on standard input.",
      };
    },
  };
}
