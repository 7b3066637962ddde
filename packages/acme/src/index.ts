export type { Authorization, Challenge, Directory, Order } from './http/documents.js';
export { AuthorityProblem, type SubProblem } from './domain/problem.js';
export type { ProblemKind } from './domain/problem-kind.js';
export {
  isRevocationReason,
  revocationReasons,
  type RevocationReason,
} from './domain/revocation.js';
export { Connection, type ConnectionOptions } from './connection.js';
export { createCsr } from '@sixhub/base/certificate-request';
export { createKey, keyKindOf, keyKinds, kindOfKey, type KeyKind } from '@sixhub/base/keys';
export { renewalInfoId, type RenewalInfo } from './resources/renewal-info.js';
export { openSession, type AuthoritySession, type SessionOptions } from './session.js';
