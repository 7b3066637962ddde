import { errorText, systemCode } from '@sixhub/base';

/** A full disk, a read-only file system: an outcome. What the system has no word for is a defect, and is thrown. */
export function systemWords(error: unknown): string {
  if (systemCode(error) === undefined) throw error;
  return errorText(error);
}

export function ignoreMissing(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}
