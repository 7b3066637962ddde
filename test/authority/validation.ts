import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Asked, Course, Reply } from './course.js';
import { thumbprint } from './jws.js';
import { own, type Account, type Authorization } from './ledger.js';
import { Refused } from './refusal.js';
import { validatePersist } from './persist.js';
import { showAuthorization, showChallenge, type ChallengeType } from './shown.js';

const deactivation = z.object({ status: z.literal('deactivated') });

/** §7.5, and its deactivation in §7.5.2. */
export function answerAuthorization({ id, account, request, course }: Asked): Reply {
  const authorization = own(course.ledger.authorizations, id, account);
  if (request.payload !== undefined) {
    authorization.status = deactivation.parse(request.payload).status;
  }
  return { status: 200, body: showAuthorization(authorization, course) };
}

/** §7.5.1. */
export async function answerChallenge(asked: Asked): Promise<Reply> {
  const { id, part, account, request, course } = asked;
  const authorization = own(course.ledger.authorizations, id, account);
  const type = part === 'persist' ? 'dns-persist-01' : 'dns-01';
  if (request.payload !== undefined) {
    if (authorization.status !== 'pending') {
      throw new Refused(400, 'malformed', `the challenge is ${authorization.status} already`);
    }
    await validate(authorization, type, account, course);
  }
  return {
    status: 200,
    headers: { Link: `<${course.origin}/authorization/${authorization.id}>;rel="up"` },
    body: showChallenge(authorization, type, course),
  };
}

/** §8.4: one of the TXT values is the digest of the key authorization (§8.1). */
async function validate(
  authorization: Authorization,
  type: ChallengeType,
  account: Account,
  course: Course,
): Promise<void> {
  const { limits, rules } = course;
  authorization.answered = type;
  const look = type === 'dns-01' ? mismatch : validatePersist;
  const problem = refusedAt(authorization, course) ?? (await look(authorization, account, course));
  authorization.problem = problem;
  authorization.status = problem === undefined ? 'valid' : 'invalid';
  const now = course.now();
  if (problem === undefined) authorization.expires = now + rules.reuse.validMs;
  else limits.failed(account.id, authorization.name, now);
}

function refusedAt({ name }: Authorization, { conduct }: Course): Authorization['problem'] {
  const refused = conduct.refused.get(name);
  return refused?.at === 'challenge' ? refused : undefined;
}

async function mismatch(
  { name, token }: Authorization,
  account: Account,
  { lookup }: Course,
): Promise<Authorization['problem']> {
  const wanted = createHash('sha256')
    .update(`${token}.${thumbprint(account.key)}`)
    .digest('base64url');
  const place = `_acme-challenge.${name}`;
  let seen: readonly string[];
  try {
    seen = await lookup(place);
  } catch (error) {
    return { type: 'dns', detail: `DNS problem: looking up TXT for ${place}: ${String(error)}` };
  }
  if (seen.includes(wanted)) return undefined;
  const detail =
    seen.length === 0
      ? `No TXT record found at ${place}`
      : `Incorrect TXT record "${seen.join('", "')}" found at ${place}`;
  return { type: 'unauthorized', detail };
}
