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
export { ask, askWhole, type Answered, type Silence } from './probe/ask.js';
