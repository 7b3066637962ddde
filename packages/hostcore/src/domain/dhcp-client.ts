/**
 * A DHCP client that runs. One that goes on beside networkd gives the card its leased address again at each renewal, and takes
 * all IPv4 from it when the lease runs out: hours after everybody was content.
 */
export interface DhcpClient {
  readonly program: string;
  readonly pid: number;
  /** As it was started. */
  readonly words: readonly string[];
  /** The service that it runs in. */
  readonly service: string | undefined;
}

/** All that are known: their names in /proc. */
export const dhcpPrograms = ['dhclient', 'dhcpcd', 'udhcpc'] as const;
