export { systemClock, type Clock } from './clock.js';
export {
  command,
  type Command,
  type CommandGroup,
  type CommandInput,
  type Option,
  type Options,
  type Program,
  type Terminal,
  type ValuesOf,
} from './command.js';
export { runCommandLine, usageError } from './command-line.js';
export { formatDuration, parseDuration } from './duration.js';
export {
  errorText,
  exitCodes,
  SixhubError,
  systemCode,
  type ExitCode,
  type Fault,
} from './error.js';
export { nearest } from './nearest.js';
export { Opened } from './opened.js';
export { runProcess, Stopped } from './process-terminal.js';
export {
  programFailure,
  runProgram,
  type ProgramOptions,
  type ProgramResult,
  type RunProgram,
} from './program.js';
export { formatTable } from './table.js';
export { syncDirectory, writeWhole, type WholeFileOptions } from './whole-file.js';
