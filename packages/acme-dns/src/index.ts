export { createAcmeDns } from './acme-dns.js';
export type { Account } from './domain/account.js';
export { listenText, parseListenAddress, type ListenAddress } from './domain/listen-address.js';
export type { HttpOptions } from './http/http-options.js';
export type {
  AcmeDns,
  AcmeDnsOptions,
  AccountWithPassword,
  NewAccount,
  Tuning,
} from './options.js';
export type { Log } from './ports.js';
export { rcode, rcodeName, recordType, typeName } from './domain/codes.js';
export type {
  CaaFields,
  DsFields,
  KeyFields,
  RecordFields,
  SignatureFields,
  SoaFields,
} from './domain/record-fields.js';
export type { ReceivedRecord, Response } from './domain/response.js';
export {
  ask,
  askWhole,
  type Answered,
  type AskOptions,
  type QuestionOptions,
  type Silence,
} from './probe/ask.js';
export { checkDnssec, type DnssecOptions, type Question } from './probe/dnssec-check.js';
export type { Finding } from './probe/finding.js';
export { Resolver, type Found } from './probe/resolver.js';
export { Route, type RouteOptions, type Way } from './probe/route.js';
export type { Finding as ZoneFinding } from './probe/finding.js';
export { checkZone } from './probe/zone-check.js';
export { concreteAddresses } from './dns/local-addresses.js';
export { plainAddress } from './domain/ip-address.js';
export { yieldToAnswers } from './yield-to-answers.js';
