/**
 * Where the pieces of a lab listen, each at an address of the lab's own. Fixed, below the kernel's ephemeral range,
 * and none that a newcomer's machine is likely to have taken on all addresses.
 */
export const ports = {
  /** Held for as long as the lab is open: who holds it owns the block of addresses. */
  claim: 24_100,
  dns: 24_153,
  acme: 24_140,
  acmeManagement: 24_150,
  https: 24_143,
  ssh: 24_122,
  /** The hub's listeners for people, and for agents. */
  api: 24_184,
  agents: 24_185,
  acmeDnsApi: 24_180,
  /** A mail server's: STARTTLS, and TLS from the start. */
  submission: 24_125,
  submissions: 24_165,
} as const;
