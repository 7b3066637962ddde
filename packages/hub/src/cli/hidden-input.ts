import { SixhubError, usageError } from '@sixhub/base';

const keys = { interrupt: '\u0003', end: '\u0004', backspace: '\u007f', back: '\b' } as const;

/**
 * Questions at the terminal whose answers are not shown: it is in raw mode, without an echo and without line editing of
 * its own, until this is closed. What is typed or pasted ahead is the next answer's.
 */
export class HiddenInput implements Disposable {
  readonly #signal: AbortSignal;
  #typed: readonly string[] = [];
  #news: () => void = () => undefined;
  #broken = false;

  /** Whether somebody can be asked at all. */
  static get isPossible(): boolean {
    return process.stdin.isTTY && process.stderr.isTTY;
  }

  constructor(signal: AbortSignal) {
    const { stdin } = process;
    if (!HiddenInput.isPossible) throw noTerminal();
    this.#signal = signal;
    stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    stdin.on('data', this.#take);
    stdin.on('end', this.#stop);
    stdin.resume(); // a question before this one may have paused it
    signal.addEventListener('abort', this.#stop);
  }

  async ask(question: string): Promise<string> {
    process.stderr.write(question);
    let line: readonly string[] = [];
    for (;;) {
      const [key, ...rest] = this.#typed;
      if (this.#broken || key === keys.interrupt || (key === keys.end && line.length === 0)) {
        throw interrupted();
      }
      if (key === undefined) {
        await new Promise<void>((resolve) => (this.#news = resolve));
        continue;
      }
      this.#typed = rest;
      if (key === '\r' || key === '\n') break;
      line = key === keys.backspace || key === keys.back ? line.slice(0, -1) : [...line, key];
    }
    process.stderr.write('\n');
    return line.join('');
  }

  [Symbol.dispose](): void {
    const { stdin } = process;
    this.#signal.removeEventListener('abort', this.#stop);
    stdin.off('data', this.#take);
    stdin.off('end', this.#stop);
    stdin.setRawMode(false);
    stdin.pause();
  }

  readonly #take = (chunk: string): void => {
    this.#typed = [...this.#typed, ...chunk];
    this.#news();
  };

  readonly #stop = (): void => {
    this.#broken = true;
    this.#news();
  };
}

function noTerminal(): SixhubError {
  return usageError(
    'there is no terminal to ask for a passphrase at',
    'Give it in a file: --passphrase-file FILE (its first line); or encrypt to a public key: --recipient age1…',
  );
}

function interrupted(): SixhubError {
  return new SixhubError({
    code: 'interrupted',
    fact: 'interrupted',
    hint: 'Nothing was written.',
  });
}
