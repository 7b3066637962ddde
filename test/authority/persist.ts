import { createHash } from 'node:crypto';
import type { Course } from './course.js';
import { thumbprint } from './jws.js';
import type { Account, Authorization } from './ledger.js';

/** dns-persist-01 as draft-ietf-acme-dns-persist has it, versions 01 (account by URL) and 02 (by hash). */

export function hashPrefix({ origin }: Course): string {
  return `${origin}/account-hash/`;
}

export async function validatePersist(
  { name, wildcard }: Authorization,
  account: Account,
  course: Course,
): Promise<{ readonly type: string; readonly detail: string } | undefined> {
  const texts = await course.lookup(`_validation-persist.${name}`);
  const refused = (detail: string) => ({ type: 'unauthorized', detail });
  if (texts.length === 0) return refused(`no TXT record at _validation-persist.${name}`);
  const faults = texts.map((text) => faultOf(text, name, wildcard, account, course));
  return faults.includes(undefined) ? undefined : refused(faults.join('; '));
}

function faultOf(
  text: string,
  name: string,
  wildcard: boolean,
  account: Account,
  course: Course,
): string | undefined {
  const [issuer = '', ...parameters] = text.split(';').map((part) => part.trim());
  const value = (tag: string): string | undefined =>
    parameters.find((part) => part.startsWith(`${tag}=`))?.slice(tag.length + 1);
  if (course.rules.dnsPersist?.issuers.includes(issuer) !== true) return `${issuer} is not us`;
  if (!accountUris(name, account, course).includes(value('accounturi') ?? '')) {
    return 'the account is another one';
  }
  const until = value('persistUntil');
  if (until !== undefined && !(Number(until) * 1_000 > course.now())) return 'it is over';
  return wildcard && value('policy') !== 'wildcard' ? 'policy=wildcard is missing' : undefined;
}

function accountUris(name: string, account: Account, course: Course): readonly string[] {
  const url = `${course.origin}/account/${account.id}`;
  if (course.rules.dnsPersist?.draft === 1) return [url];
  return [thumbprint(account.key), ...account.formerKeys].flatMap((key) =>
    [name, '*'].map((bound) => {
      const octets = Buffer.concat([Buffer.from([bound.length]), Buffer.from(bound + key + url)]);
      return `${hashPrefix(course)}sha-256/${createHash('sha256').update(octets).digest('base64url')}`;
    }),
  );
}
