import { cutEnd, textWidth } from './text-width.js';

/**
 * Lines below all that is printed, which are drawn again in their place while something is under way. The cursor
 * stays visible and rests below them, and there is no second screen: whatever ends the program, kill -9 too, leaves a
 * terminal that works.
 */

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Screen {
  /** Shows what `render` gives: now, each second, when the terminal is resized and when asked, until closed. */
  keep(render: (size: Size) => readonly string[]): Kept;
}

export interface Kept extends Disposable {
  refresh(): void;
}

/** What a screen needs of a terminal's stream (`tty.WriteStream` is one). */
export interface ScreenStream {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** Many steps at once are one redrawing. */
const settleMs = 50;
const everyMs = 1_000;

export class TerminalScreen implements Screen {
  readonly #stream: ScreenStream;
  #render: ((size: Size) => readonly string[]) | undefined;
  #drawn: readonly string[] = [];

  constructor(stream: ScreenStream) {
    this.#stream = stream;
  }

  keep(render: (size: Size) => readonly string[]): Kept {
    let settling: NodeJS.Timeout | undefined;
    const redraw = (): void => this.#draw();
    const refresh = (): void => {
      settling ??= setTimeout(() => {
        settling = undefined;
        redraw();
      }, settleMs).unref();
    };
    // After Ctrl-Z and `fg` the lines above the cursor are the shell's.
    const onContinue = (): void => {
      this.#drawn = [];
      refresh();
    };
    this.#render = render;
    this.#stream.on('resize', refresh);
    process.on('SIGCONT', onContinue);
    const ticking = setInterval(redraw, everyMs).unref();
    redraw();
    return {
      refresh,
      [Symbol.dispose]: () => {
        clearInterval(ticking);
        clearTimeout(settling);
        this.#stream.off('resize', refresh);
        process.off('SIGCONT', onContinue);
        this.#render = undefined;
        this.#stream.write(this.#toTop() + eraseBelow);
        this.#drawn = [];
      },
    };
  }

  /** Prints something that stays, above the lines that are kept. */
  above(print: () => void): void {
    if (this.#drawn.length > 0) this.#stream.write(this.#toTop() + eraseBelow);
    this.#drawn = [];
    print();
    this.#draw();
  }

  #draw(): void {
    if (this.#render === undefined) return;
    const size = this.#size();
    // One column stays free, where some terminals break a line that is exactly full; one row is the cursor's.
    const lines = this.#render(size)
      .slice(0, Math.max(1, size.rows - 1))
      .map((line) => cutEnd(line, size.columns - 1));
    const text = lines.map((line) => `${line}${eraseToEnd}\n`).join('');
    this.#stream.write(this.#toTop() + text + eraseBelow);
    this.#drawn = lines;
  }

  /** Some say 0 x 0: a serial line, a terminal without a window. */
  #size(): Size {
    return { columns: this.#stream.columns || 80, rows: this.#stream.rows || 24 };
  }

  /**
   * Terminals that were made narrower break the lines that are there anew (xterm is the one that cuts them: there, a
   * line or two above may be lost).
   */
  #toTop(): string {
    const { columns, rows } = this.#size();
    const height = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)),
      0,
    );
    return height === 0 ? '\r' : `\r\u001b[${Math.min(height, rows - 1)}A`;
  }
}

// ECMA-48: CUU is `A`, EL is `K`, ED is `J`.
const eraseToEnd = '\u001b[K';
const eraseBelow = '\u001b[J';
