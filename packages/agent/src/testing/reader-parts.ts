import { readdir, readFile } from 'node:fs/promises';
import { runProgram, type ProgramResult } from '@sixhub/base';
import { formatEndpoint } from '@sixhub/wire';
import type { Reading } from '../domain/use.js';
import type { ReaderParts } from '../services/reader-parts.js';

/** This machine's programs and files. */
export const realParts: ReaderParts = {
  run: runProgram,
  files: { read: (path) => readFile(path, 'utf8'), list: (directory) => readdir(directory) },
};

/** Recorded answers, by whole command line, and file texts; what is not recorded is not there. */
export function recordedParts(
  answers: Readonly<Record<string, string>>,
  texts: Readonly<Record<string, string>> = {},
): ReaderParts {
  return {
    run: (file, args): Promise<ProgramResult> => {
      const stdout = answers[[file, ...args].join(' ')];
      return Promise.resolve(
        stdout === undefined
          ? { kind: 'not-started', reason: `there is no program ${file}` }
          : { kind: 'exited', code: 0, stdout, stderr: '' },
      );
    },
    files: {
      read: (path) => {
        const text = texts[path];
        return text === undefined
          ? Promise.reject(new Error(`${path}: ENOENT`))
          : Promise.resolve(text);
      },
      list: () => Promise.resolve([]),
    },
  };
}

/** A use a line: `imap://127.0.0.1:1143 a.example /tls/a.pem`, sorted. */
export function usesOf(reading: Reading): readonly string[] {
  if (reading.kind === 'unread') return [`unread: ${reading.why}`];
  return reading.uses
    .map(
      ({ endpoint, servername, certificate }) =>
        `${formatEndpoint(endpoint)} ${servername ?? '-'} ${certificate}`,
    )
    .toSorted();
}
