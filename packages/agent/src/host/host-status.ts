import { readFile } from 'node:fs/promises';
import { errorText, systemClock, systemCode } from '@sixhub/base';
import type { HostWord } from '@sixhub/protocol';
import * as z from 'zod';
import type { ReadHost } from '../ports.js';

/**
 * The status file that `hostcore drift` leaves on a physical host (docs/host-verify.md). hostcore knows nobody, so that what of
 * it the hub is told is chosen here.
 */
const status = z.object({
  at: z.iso.datetime(),
  state: z.enum(['right', 'drifted', 'unknown', 'failed']),
  differences: z.array(z.object({ kind: z.string(), subject: z.string(), detail: z.string() })),
  unseen: z.array(z.string()),
  verified: z
    .object({
      findings: z.array(
        z.object({
          state: z.string(),
          what: z.string(),
          cause: z.string().optional(),
          remedy: z.string().optional(),
        }),
      ),
    })
    .nullable(),
  error: z.string().nullable(),
});

const told = 20;

export function hostReader(file: string): ReadHost {
  return async () => {
    try {
      return asWord(status.parse(JSON.parse(await readFile(file, 'utf8'))));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined; // a machine that is no host, which is the rule
      const why = error instanceof z.ZodError ? z.prettifyError(error) : errorText(error);
      return unreadable(`${file} can't be read: ${why.split('\n', 1)[0] ?? ''}`);
    }
  };
}

/** What does not work comes before what merely differs. */
function asWord({ at, state, differences, unseen, verified, error }: Status): HostWord {
  const wrong = (verified?.findings ?? []).filter((one) => one.state === 'wrong');
  const troubles = [
    ...(error === null ? [] : [{ what: error }]),
    ...wrong.map(({ what, cause, remedy }) => ({
      what: cause === undefined ? what : `${what} ${cause}`,
      ...(remedy === undefined ? {} : { remedy }),
    })),
    ...differences.map(({ kind, subject, detail }) => ({ what: `${kind} ${subject}: ${detail}` })),
    ...unseen.map((what) => ({ what: `not compared: ${what}` })),
  ];
  return {
    ...{ at, state, broken: wrong.length > 0, count: troubles.length },
    troubles: troubles.slice(0, told).map((one) => ({
      what: cut(one.what, 300),
      ...('remedy' in one ? { remedy: cut(one.remedy, 600) } : {}),
    })),
  };
}

type Status = z.infer<typeof status>;

function unreadable(what: string): HostWord {
  const troubles = [{ what: cut(what, 300) }];
  return {
    // To the day, so that it is told once a day and not at each run.
    at: `${systemClock.now().toISOString().slice(0, 10)}T00:00:00Z`,
    ...{ state: 'failed', broken: false, count: 1, troubles },
  };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
