import { SixhubError } from '@sixhub/base';
import { Thread } from '../thread.js';
import type { PasswordCalls } from './password-thread.js';

/** More than these would wait longer than their clients do. */
const mostWaiting = 50;

/** Checks of imported passwords; the thread starts with the first, since most servers never need it. */
export class SlowPasswords implements AsyncDisposable {
  private thread: Thread<PasswordCalls> | undefined;
  private waiting = 0;

  async matches(password: string, stored: string): Promise<boolean> {
    if (this.waiting >= mostWaiting) {
      throw new SixhubError({
        code: 'passwords-busy',
        fact: `${mostWaiting} imported passwords are being checked already`,
        hint: 'Each becomes fast with its first success; see who sends so many.',
      });
    }
    this.waiting++;
    try {
      this.thread ??= new Thread(
        new URL('./password-thread.js', import.meta.url),
        undefined,
        () => (this.thread = undefined),
      );
      return await this.thread.call('matches', { password, stored });
    } finally {
      this.waiting--;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thread?.[Symbol.asyncDispose]();
  }
}
