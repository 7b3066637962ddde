export { systemClock, type Clock } from './clock.js';
export {
  command,
  type Command,
  type CommandGroup,
  type CommandInput,
  type Example,
  type Offered,
  type Option,
  type Options,
  type Program,
  type Terminal,
  type TypedSoFar,
  type ValuesOf,
} from './command.js';
export { painter, type Paint, type Style } from './colour.js';
export { commandHelp, programHelp } from './command-help.js';
export { errorMessage, runCommandLine } from './command-line.js';
export { completionScript, shells, type Shell } from './completion-script.js';
export { formatDuration, parseDuration } from './duration.js';
export {
  errorText,
  exitCodes,
  SixhubError,
  systemCode,
  type ExitCode,
  type Fault,
} from './error.js';
export { isRecord, labelled } from './labelled.js';
export { flatCommands, manPage } from './man-page.js';
export { nearest } from './nearest.js';
export { Opened } from './opened.js';
export { runProcess, Stopped } from './process-terminal.js';
export {
  keptBytes,
  programFailure,
  runProgram,
  type ProgramOptions,
  type ProgramResult,
  type RunProgram,
} from './program.js';
export { TerminalScreen, type Kept, type Screen, type Size } from './screen.js';
export { formatTable } from './table.js';
export { cutEnd, cutMiddle, padEnd, textWidth, wrap } from './text-width.js';
export { usageError } from './usage-error.js';
export { syncDirectory, writeWhole, type WholeFileOptions } from './whole-file.js';
