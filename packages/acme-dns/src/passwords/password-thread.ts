import { bcryptMatches } from '../domain/bcrypt.js';
import { serveCalls } from '../thread.js';

export type PasswordCalls = {
  matches(argument: { password: string; stored: string }): boolean;
};

/** The thread where a slow hash holds up nobody but its own client. */
serveCalls<PasswordCalls>({
  matches: ({ password, stored }) => bcryptMatches(Buffer.from(password), stored),
});
