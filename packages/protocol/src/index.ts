export {
  enrolRequest,
  enrolServerName,
  formatJoinToken,
  hubServerName,
  identity,
  identityRequest,
  joinToken,
  parseJoinToken,
  type EnrolRequest,
  type Identity,
  type IdentityRequest,
  type JoinToken,
} from './enrolment.js';
export { hostWord, type HostWord } from './host-word.js';
export { hubFacts, type HubFacts } from './hub-facts.js';
export {
  keyAnswer,
  keyRequest,
  lostKey,
  publicKeyHash,
  type KeyRequest,
  type LostKey,
} from './key-request.js';
export {
  bundle,
  manifest,
  type Bundle,
  type KeyFamily,
  type Manifest,
  type WantedCertificate,
} from './manifest.js';
export {
  agentName,
  certificateName,
  fingerprint,
  versionId,
  type AgentName,
  type CertificateName,
} from './names.js';
export { caHeader, instanceHeader, parseInstance } from './presence.js';
export { problem, type Problem } from './problem.js';
export {
  report,
  serviceResult,
  serviceState,
  type DeploymentReport,
  type Report,
  type ServiceResult,
  type ServiceState,
} from './report.js';
