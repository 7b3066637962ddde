import { compareSync } from 'bcryptjs';
import { serveCalls } from '../thread.js';
import { yieldToAnswers } from '../yield-to-answers.js';

export type PasswordCalls = {
  matches(argument: { password: string; stored: string }): boolean;
};

/** The Go program has a cost of 10, about 60 ms; one of 31 would hold this thread for years. */
const affordable = /^\$2[aby]\$(0[4-9]|1[0-4])\$/;

yieldToAnswers();

/** The thread where a slow hash holds up nobody but its own client. */
serveCalls<PasswordCalls>({
  matches: ({ password, stored }) => affordable.test(stored) && compareSync(password, stored),
});
