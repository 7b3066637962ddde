import { errorText, SixhubError, type ExitCode } from '@sixhub/base';

/** A SixhubError as it crosses between threads, where classes and causes get lost. */
export interface FaultMessage {
  readonly code: string;
  readonly fact: string;
  readonly hint: string;
  readonly exit: ExitCode;
}

export function faultMessage(error: unknown): FaultMessage {
  if (error instanceof SixhubError) {
    const { code, fact, hint, exit } = error;
    return { code, fact, hint, exit };
  }
  return {
    code: 'internal',
    fact: `acme-dns met an error that it does not know: ${errorText(error)}`,
    hint: 'Please report this line and what was done before.',
    exit: 1,
  };
}

export function faultError(message: FaultMessage): SixhubError {
  return new SixhubError(message);
}
