import { errorText } from '@sixhub/base';
import type { Journal } from '../ports.js';

/**
 * Writes down what the next run would find out again by itself: a disk that is full or broken is told, and is no reason
 * to leave a certificate uninstalled or the hub without word. False where it could not be written.
 */
export async function keep(
  journal: Journal,
  what: string,
  write: () => Promise<void>,
): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    journal(`${what} could not be written down: ${errorText(error)}`);
    return false;
  }
}
