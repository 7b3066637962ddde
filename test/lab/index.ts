/**
 * Real programs on loopback, for the tests, the demonstration and the bench. A piece is started in a lab, ends with
 * it, and meets no other lab's.
 */
export {
  acmeDnsZone,
  answeredValues,
  logsCertificate,
  makeAcmeDns,
  registerAccount,
  updateValue,
  type AcmeDnsHouse,
  type Registered,
} from './acme-dns.js';
export { apiClient, clientWith, type ApiAnswer, type ApiClient } from './api-client.js';
export { certificateRows, fillCertificates } from './certificate-rows.js';
export { openEstate, type Estate, type EstateOptions } from './estate.js';
export { runAtTerminal } from './at-terminal.js';
export { makeCertbot, type CertbotHouse } from './certbot.js';
export { makeAgent, type AgentHouse, type AgentService } from './agent.js';
export { startApache, type Apache, type Site } from './apache.js';
export {
  checkoutRoot,
  commandLine,
  commands,
  runCommand,
  type CommandName,
  type CommandOptions,
  type CommandResult,
  mustBe,
} from './checkout.js';
export { startDaemon, type Daemon, type DaemonSpec } from './daemon.js';
export { allOf, listensAt, listensAtSocket, logSays, type Fact } from './fact.js';
export {
  makeHeir,
  makeHub,
  makeHubAlone,
  makeUnlimitedHub,
  type HubHouse,
  type HubOptions,
} from './hub.js';
export { frontEnd } from './front-end.js';
export { makeDnsperf, type Dnsperf, type DnsperfResult } from './dnsperf.js';
export { goTables } from './go-database.js';
export { startKnot, startKnotZone, type Knot, type KnotZone } from './knot.js';
export { runOnMachine } from './machine.js';
export { residentMegabytes } from './memory.js';
export { openLab, type Lab } from './lab.js';
export {
  hostNet,
  machineShows,
  openHostNetwork,
  startVms,
  until,
  type HostNetwork,
  type Delivery,
} from './host-network.js';
export { writeLabFile, type HostMachine } from './host-machine.js';
export { applied, openGround, usual, vmReaches, type Ground } from './host-ground.js';
export { standInForSystemd } from './host-pid1.js';
export { openNetwork, type Network } from './network.js';
export { openNat64Network, type Nat64Network } from './nat64-network.js';
export { startUnbound } from './unbound.js';
export {
  makeZoneKeys,
  type KeyOptions,
  type SigningAlgorithm,
  type SigningTimes,
  type ZoneKeys,
} from './signed-zone.js';
export { startZoneTree, type TreeOptions, type ZoneServer, type ZoneTree } from './zone-tree.js';
export { startNameServer, type NameServer } from './name-server.js';
export { openPane, type Pane, type PaneOptions } from './pane.js';
export { startPebble, type Pebble, type PebbleOptions } from './pebble.js';
export { startPostfix, type Postfix } from './postfix.js';
export { ports } from './ports.js';
export { programFile } from './program-file.js';
export { startResolver, type Resolver, type Stub } from './resolver.js';
export { runTool } from './run-tool.js';
export {
  makeSshKey,
  startSshMachine,
  type SshMachine,
  type SshMachineOptions,
} from './ssh-machine.js';
export { makeSelfSigned, type KeyPairFiles } from './self-signed.js';
export { startHttpsReceiver, type HttpsReceiver, type Received } from './https-receiver.js';
export { httpsGet, type HttpsAnswer } from './https-get.js';
