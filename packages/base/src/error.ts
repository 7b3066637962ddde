/**
 * What a person is told when something did not work: which fact stopped the work, and what to do next.
 * A `code` is stable and for programs; `fact` and `hint` are sentences for people and may change.
 */

/** Exit codes, the same for every command: done, failed, usage or configuration, waiting for a person, cannot reach. */
export const exitCodes = { done: 0, failed: 1, usage: 2, waiting: 3, unreachable: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface Fault {
  /** Stable, in kebab case: `port-in-use`. */
  readonly code: string;
  /** What happened, to which object. No secret ever. */
  readonly fact: string;
  /** What the person can do next. */
  readonly hint: string;
  /** How a command that meets it ends; 1 unless said. */
  readonly exit?: ExitCode;
  readonly cause?: unknown;
}

export class SixhubError extends Error {
  override readonly name = 'SixhubError';
  readonly code: string;
  readonly hint: string;
  readonly exit: ExitCode;

  constructor(fault: Fault) {
    super(fault.fact, { cause: fault.cause });
    this.code = fault.code;
    this.hint = fault.hint;
    this.exit = fault.exit ?? exitCodes.failed;
  }

  get fact(): string {
    return this.message;
  }
}

/** The `code` that Node and its native parts put on an error (`EADDRINUSE`, `SQLITE_BUSY`), if there is one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** One line that says what went wrong, for a log or a step; never a stack. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(errorText).join('; ');
  }
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
}
