/** The hub's own zone, which CNAMEs point into, as hub.toml has it. */
export interface OwnZone {
  readonly domain: string;
  /** In its NS record. */
  readonly nameServer: string;
  /** Public addresses of this machine. */
  readonly addresses: readonly string[];
}
