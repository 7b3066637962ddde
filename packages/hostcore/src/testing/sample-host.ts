import { readEstate } from '../config/read-estate.js';
import type { Host } from '../domain/host.js';

/** The least of a host with IPv4 and IPv6, for unit tests that mean something else; a test adds what it is about. */
export const sampleToml = `[host.merlin]
release = "debian12"
uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}
ipv6 = {network = "2a01:4f8:1:3::/64", address = "2a01:4f8:1:3:abcd::17"}
ipv4 = {address = "45.67.90.10", gateway = "45.67.90.1"}
extras.kvm = false
`;

/** The first host of a description, whatever else is said of it. */
export function hostOf(toml = sampleToml): Host {
  const [host] = readEstate('host.toml', toml).hosts;
  if (host === undefined) throw new Error(`this describes no host:\n${toml}`);
  return host;
}
