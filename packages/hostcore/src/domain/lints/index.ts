import type { Lint } from '../lint.js';
import { addressLints } from './addresses.js';
import { bridgeLints } from './bridges.js';
import { dhcpClientLints } from './dhcp-clients.js';
import { hostResolverLints } from './host-resolver.js';
import { identityLints } from './identity.js';
import { kernelLints } from './kernel.js';
import { lifetimeLints } from './lifetimes.js';
import { machineLints } from './machine.js';
import { nameServerLints } from './name-server.js';
import { networkManagerLints } from './network-manager.js';
import { sysctlLints } from './sysctls.js';
import { translationLints } from './translation.js';

/** Who would take the network away later, when nobody looks any more, and VMs that would be cut off: no apply beside them. */
export const refusing: readonly Lint[] = [
  ...dhcpClientLints,
  ...networkManagerLints,
  ...bridgeLints,
];

export const lints: readonly Lint[] = [
  ...addressLints,
  ...translationLints,
  ...lifetimeLints,
  ...identityLints,
  ...nameServerLints,
  ...machineLints,
  ...refusing,
  ...hostResolverLints,
  ...sysctlLints,
  ...kernelLints,
];
