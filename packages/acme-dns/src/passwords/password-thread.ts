import { bcryptMatches } from '../domain/bcrypt.js';
import { serveCalls } from '../thread.js';
import { yieldToAnswers } from '../yield-to-answers.js';

export type PasswordCalls = {
  matches(argument: { password: string; stored: string }): boolean;
};

yieldToAnswers();

/** The thread where a slow hash holds up nobody but its own client. */
serveCalls<PasswordCalls>({
  matches: ({ password, stored }) => bcryptMatches(Buffer.from(password), stored),
});
