export type { Authorization, Challenge, Order } from './http/documents.js';
export { AuthorityProblem, type ProblemKind, type SubProblem } from './domain/problem.js';
export { createCsr, createKey, keyKinds, type KeyKind } from './keys.js';
export { openSession, type AuthoritySession, type SessionOptions } from './session.js';
