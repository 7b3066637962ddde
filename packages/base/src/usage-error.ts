import { exitCodes, SixhubError } from './error.js';

/** A command was called wrongly: exit 2. */
export function usageError(fact: string, hint: string): SixhubError {
  return new SixhubError({ code: 'usage', fact, hint, exit: exitCodes.usage });
}
