import { createInterface } from 'node:readline';
import type { Terminal } from '@sixhub/base';

/** Questions on standard error, answers a line each from standard input, which may be a pipe; at its end, the defaults. */
export interface Asker extends Disposable {
  ask(question: string, usual: string): Promise<string>;
}

export function openAsker(terminal: Terminal, silent: boolean): Asker {
  // For programs: nothing is asked, and every answer is the default.
  if (silent) {
    return { ask: (_, usual) => Promise.resolve(usual), [Symbol.dispose]: () => undefined };
  }
  // The terminal keeps its own line editing, so that Ctrl-C is a signal as everywhere else.
  const lines = createInterface({ input: process.stdin, terminal: false, signal: terminal.signal });
  const answers = lines[Symbol.asyncIterator]();
  return {
    async ask(question, usual) {
      process.stderr.write(`${question}${usual === '' ? '' : ` [${usual}]`}: `);
      const { done, value } = await answers.next();
      terminal.signal.throwIfAborted();
      if (done === true) process.stderr.write('\n');
      const answer = done === true ? '' : String(value).trim();
      return answer === '' ? usual : answer;
    },
    [Symbol.dispose]: () => lines.close(),
  };
}
