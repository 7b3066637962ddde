import type { RunProgram } from '@sixhub/base';

/** What a configuration is read by: the service's own programs, and the files themselves where no program tells. */
export interface ReaderParts {
  readonly run: RunProgram;
  readonly files: {
    read(path: string): Promise<string>;
    list(directory: string): Promise<readonly string[]>;
  };
}
