/**
 * A client's look at a listener, for who has to prove that a certificate is served: an agent of its own machine's
 * services, the hub of a host that takes no agent.
 */
export {
  formatEndpoint,
  parseEndpoint,
  protocols,
  type Endpoint,
  type Protocol,
} from './domain/endpoint.js';
export {
  allServe,
  covers,
  describeLook,
  describeMisses,
  shortPrint,
  type Look,
  type SeeOnWire,
  type Seen,
  type Sight,
} from './domain/look.js';
export { sightsOf, votersOf } from './domain/voters.js';
export { asLines, certificatesOf, dnsNamesOf, fingerprintOf, notAfterOf } from './pem.js';
export { seeOnWire } from './see.js';
