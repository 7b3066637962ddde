export { startDaemon, type Daemon, type DaemonSpec } from './daemon.js';
export { openLab, type Lab } from './lab.js';
export { startNameServer, type NameServer } from './name-server.js';
export { startPebble, type Pebble, type PebbleOptions } from './pebble.js';
export { ports } from './ports.js';
export { startResolver, type Resolver, type Stub } from './resolver.js';
