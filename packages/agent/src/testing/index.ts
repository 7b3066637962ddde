/** Real services from own roots, and a client that sees what they show, for tests and benches of other packages. */
export { makeApache } from './apache.js';
export { makeDovecot } from './dovecot.js';
export { olderNode } from './older-node.js';
export { makePostfix } from './postfix.js';
export { type Endpoint, parseEndpoint, seeOnWire } from '@sixhub/wire';
