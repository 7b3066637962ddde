import type { ExitCode } from './error.js';
import type { Screen } from './screen.js';

/**
 * A command line is a declared value: its words, options and examples stand in one place, and everything else
 * (parsing, help, later completion and man pages) is read from there. What a command does is imported when it runs,
 * so that `--help` and short commands start fast.
 */
export interface Program {
  readonly name: string;
  /** Other names that it is installed under; completed alike. */
  readonly alsoCalled?: readonly string[];
  readonly version: string;
  readonly summary: string;
  /** Where it keeps what, for its manual page. */
  readonly files?: readonly (readonly [path: string, about: string])[];
  readonly commands: readonly (Command | CommandGroup)[];
}

/** `hub agent add`, `hub agent list`: a first word with commands of its own. */
export interface CommandGroup {
  readonly kind: 'group';
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}

export interface Command {
  readonly kind: 'command';
  readonly name: string;
  readonly summary: string;
  /** More than the summary, for `--help`; paragraphs, with an empty line between them. */
  readonly description?: string;
  readonly operands: readonly Operand[];
  readonly options: Options;
  /** At least one; whole lines as one would type them, each with what it does. */
  readonly examples: readonly Example[];
  readonly run: (input: CommandInput, terminal: Terminal) => Promise<ExitCode>;
}

export interface Example {
  readonly line: string;
  readonly does: string;
  /** How it ends where all is as it should be; 0 unless said. */
  readonly exit?: ExitCode;
}

/** What a shell offers for a word: these words, a file's name, or what the running program knows. */
export type Offered =
  readonly string[] | 'file' | 'directory' | ((typed: TypedSoFar) => Promise<readonly string[]>);

/** The words of a command line that is not finished yet. */
export interface TypedSoFar {
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** A word without dashes: DOMAIN, NAME, FILE. */
export interface Operand {
  readonly name: string;
  readonly summary: string;
  readonly optional?: true;
  /** Takes all words that are left; only the last operand may. */
  readonly many?: true;
  readonly offer?: Offered;
}

export type Option =
  | { readonly kind: 'flag'; readonly summary: string; readonly short?: string }
  | {
      readonly kind: 'text' | 'duration' | 'count';
      /** What stands for the value in help: FILE, NAME, TIME. */
      readonly value: string;
      readonly summary: string;
      readonly short?: string;
      /** As one would type it. */
      readonly default?: string;
      readonly offer?: Offered;
    }
  | {
      readonly kind: 'texts';
      readonly value: string;
      readonly summary: string;
      readonly short?: string;
      readonly offer?: Offered;
    };

export type Options = Readonly<Record<string, Option>>;

/** What was typed, by the declared kinds; an option that was not given and has no default is undefined. */
export interface CommandInput {
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, OptionValue>>;
  /** `--json`, which every command has. */
  readonly json: boolean;
}

/** Durations are milliseconds; counts are whole numbers from 1 on. */
export type OptionValue = string | number | boolean | readonly string[] | undefined;

/** The value types that a table of declared options gives to the action. */
export type ValuesOf<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { kind: 'flag' }
    ? boolean
    : O[K] extends { kind: 'texts' }
      ? readonly string[]
      : O[K] extends { kind: 'duration' | 'count' }
        ? O[K] extends { default: string }
          ? number
          : number | undefined
        : O[K] extends { default: string }
          ? string
          : string | undefined;
};

export interface Action<O extends Options> {
  (
    input: {
      readonly operands: readonly string[];
      readonly options: ValuesOf<O>;
      readonly json: boolean;
    },
    terminal: Terminal,
  ): Promise<ExitCode>;
}

/** Declares a command with its options' types known to its action. */
export function command<const O extends Options>(
  declared: Omit<Command, 'kind' | 'options' | 'run'> & {
    readonly options: O;
    readonly run: Action<O>;
  },
): Command {
  // The parser fills `options` from this same table, so the values have the kinds that ValuesOf derives from it.
  return { ...declared, kind: 'command', run: declared.run as Command['run'] };
}

/** Where a command prints: results on `out`, progress and errors on `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** True where a person reads `err` on a terminal. */
  readonly interactive: boolean;
  /** Of standard output: what results must fit. 80 where it is no terminal, unless COLUMNS says otherwise. */
  readonly columns: number;
  /** The same, but undefined where it is no terminal: sentences are wrapped for people alone. */
  readonly outColumns?: number | undefined;
  /** Of standard error; undefined where it is no terminal, and nothing is to be wrapped. */
  readonly errColumns?: number | undefined;
  /** For what is drawn again while one waits; undefined where standard error is no terminal that can. */
  readonly screen?: Screen | undefined;
  /** Where colour is allowed: on a terminal, without NO_COLOR. */
  readonly colour?: { readonly out: boolean; readonly err: boolean };
  /** Standard input to its end. */
  readAll(): Promise<string>;
  /** Whether a person says yes; false where none sits at a terminal. */
  confirm(question: string): Promise<boolean>;
  /** Aborts at Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}
