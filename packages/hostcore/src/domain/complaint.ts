/** What is wrong in host.toml, at which key; the key's line is found where the file is. */
export interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
