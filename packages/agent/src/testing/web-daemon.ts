/** A real web server from its own root on its own loopback address. */
export interface WebDaemon extends AsyncDisposable {
  readonly address: string;
  readonly configFile: string;
  readonly check: readonly string[];
  readonly reload: readonly string[];
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Writes its configuration anew with these lines; what `make…` says of it tells where they stand. */
  configure(lines: string): Promise<void>;
}
