import { readFile, rm } from 'node:fs/promises';
import {
  errorText,
  exitCodes,
  SixhubError,
  usageError,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { parseJoinToken, type JoinToken } from '@sixhub/protocol';
import { enrolAt } from '../hub/enrolment.js';
import { makeSigningRequest } from '../hub/signing-request.js';
import { keptPrivateKey } from '../state/enrolment-key.js';
import { lifetimeOf, readIdentity, writeIdentity } from '../state/identity-file.js';
import { readMachine } from './machine.js';

interface Input {
  readonly operands: readonly string[];
  readonly options: {
    readonly config: string;
    readonly 'token-file': string | undefined;
    readonly again: boolean;
  };
  readonly json: boolean;
}

export async function enroll(
  { operands, options, json }: Input,
  terminal: Terminal,
): Promise<ExitCode> {
  if (operands.length > 0) throw tokenOnCommandLine();
  const { state } = await readMachine(options.config);
  const present = options.again ? undefined : await readIdentity(state);
  if (present !== undefined) {
    throw new SixhubError({
      code: 'enrolled-already',
      fact: `this machine is enrolled already, as '${present.agent}' at ${present.hubs.join(', ')}`,
      hint: 'Nothing needs to be done. `hub-agent enroll --again` replaces that identity.',
    });
  }
  const token = await readToken(options['token-file'], terminal);
  const key = await keptPrivateKey(state);
  const { identity, ca } = await enrolAt(token, await makeSigningRequest(key.pem), terminal.signal);
  await writeIdentity(state, { ...identity, ca, hubs: token.hubs, privateKey: key.pem });
  await rm(key.path, { force: true });
  const validUntil = lifetimeOf(identity).notAfter.toISOString();
  terminal.out(
    json
      ? JSON.stringify({ agent: identity.agent, hubs: token.hubs, validUntil })
      : `This machine is '${identity.agent}' at ${token.hubs.join(', ')}.\n` +
          'Next: name its services in agent.toml, then `hub-agent run`.',
  );
  return exitCodes.done;
}

async function readToken(file: string | undefined, terminal: Terminal): Promise<JoinToken> {
  if (file === undefined && terminal.interactive) {
    terminal.err('Paste the join token that `hub agent add` printed, then Enter and Ctrl-D:');
  }
  const text = file === undefined ? await terminal.readAll() : await readTokenFile(file);
  const token = parseJoinToken(text);
  if (token !== undefined) return token;
  const empty = text.trim() === '';
  throw usageError(
    empty ? 'no join token was given' : 'what was given is not a whole join token',
    'A join token begins with sixhub1. and is one line; `hub agent add NAME` on the hub prints a new one.',
  );
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(
      `the token file ${file} can't be read: ${errorText(error)}`,
      'Name a file that holds the join token alone, or give the token on standard input.',
    );
  }
}

/** The word itself is not repeated: it would stand in a terminal's log once more. */
function tokenOnCommandLine(): SixhubError {
  return usageError(
    'a join token is not taken from the command line: every user of this machine can read it there, and the shell keeps it in its history',
    'Run `hub-agent enroll` and paste the token, or use --token-file FILE. Make a new token on the hub with `hub agent add NAME`: this one may have been seen.',
  );
}
