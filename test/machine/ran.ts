/** One command that was run, and how it ended. */
export interface Ran {
  readonly line: string;
  readonly code: number | undefined;
  /** What stood on the terminal. */
  readonly screen: string;
  /** How it should end; 0 unless said. */
  readonly exit: number;
}
