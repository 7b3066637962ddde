/** One of certbot's certificates as its tree has it, not judged yet. */
export interface Lineage {
  readonly name: string;
  /** The leaf and its issuers, PEM. */
  readonly fullchain: string;
  readonly privateKey: string;
  /** The authority's directory, from its renewal settings. */
  readonly server: string | undefined;
  readonly reuseKey: boolean;
  /** What is worth knowing about it, a phrase each. */
  readonly notes: readonly string[];
}

/** An account of certbot's at an authority. */
export interface CertbotAccount {
  readonly directory: string;
  readonly url: string;
  /** PKCS#8 PEM. */
  readonly key: string;
}

/** What can't be taken: which thing, why, and what to do about it. */
export interface Untaken {
  readonly what: string;
  readonly why: string;
  readonly hint: string;
}
