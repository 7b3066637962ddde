import { changeKey, updateAccount } from './accounts.js';
import type { Pointer, Stage } from './conduct.js';
import type { Asked, Course, Reply } from './course.js';
import { answerOrder, download, finalize, newOrder } from './orders.js';
import { hashPrefix } from './persist.js';
import { revoke } from './revocation.js';
import { pointTo } from './shown.js';
import { answerAuthorization, answerChallenge } from './validation.js';

/** §7.1: what an account asks for, each resource with the stage that it is. */
export const resources: Readonly<
  Record<string, { readonly stage: Stage; answer(asked: Asked): Promise<Reply> | Reply }>
> = {
  account: { stage: 'account', answer: updateAccount },
  'new-order': { stage: 'new-order', answer: newOrder },
  order: { stage: 'order', answer: answerOrder },
  authorization: { stage: 'authorization', answer: answerAuthorization },
  challenge: { stage: 'challenge', answer: answerChallenge },
  finalize: { stage: 'finalize', answer: finalize },
  certificate: { stage: 'certificate', answer: download },
  revoke: {
    stage: 'revoke',
    answer: ({ request, account, course }) => revoke(request, account, course),
  },
  'key-change': { stage: 'key-change', answer: changeKey },
};

/** §7.1.1. */
export function directory(course: Course): object {
  const { origin, rules } = course;
  const at = (path: Pointer): string => pointTo(path, path, course);
  return {
    newNonce: at('new-nonce'),
    newAccount: at('new-account'),
    newOrder: at('new-order'),
    revokeCert: at('revoke'),
    keyChange: at('key-change'),
    ...(rules.renewalInfoRetryMs === undefined ? {} : { renewalInfo: at('renewal-info') }),
    meta: {
      termsOfService: `${origin}${course.conduct.terms}`,
      caaIdentities: rules.caaIdentities,
      ...(rules.dnsPersist?.draft === 2
        ? { issuerDomainNames: rules.dnsPersist.issuers, accountHashPrefix: hashPrefix(course) }
        : {}),
      externalAccountRequired: rules.externalAccounts !== undefined,
      profiles: Object.fromEntries(Object.keys(rules.profiles).map((name) => [name, name])),
    },
  };
}
