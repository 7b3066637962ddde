/** What is wrong in host.toml, at which key, and what to do; the key's line is found where the file is. */
export interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly remedy: string;
  /** What else it was judged by: where one of these is wrong itself, this is no news, and not told. */
  readonly against?: readonly (readonly PropertyKey[])[];
}
