import type { CertificateName } from '@sixhub/protocol';

/** A version with its key, as it is brought to a host. */
export interface PushBundle {
  readonly leaf: string;
  readonly chain: string;
  readonly key: string;
}

/** What lies on the host for a certificate, by its files. */
export type Present =
  /** The host's own list does not have it. */
  | { readonly kind: 'unlisted'; readonly why: string }
  | {
      readonly kind: 'listed';
      /** The leaf that lies there, PEM; undefined where there is none, or none that can be read. */
      readonly leaf: string | undefined;
      /** All files are there, and nobody but us wrote them. */
      readonly whole: boolean;
      /** The number of a push that was not ended. */
      readonly begun: string | undefined;
    };

/**
 * The steps of a push, each of which leaves the old or the new set of files. `check` and `reload` return the host's own
 * words where it refuses; all others throw a SixhubError where they can't be done.
 */
export interface PushHost extends AsyncDisposable {
  present(name: CertificateName, bundle: PushBundle): Promise<Present>;
  check(name: CertificateName): Promise<string | undefined>;
  /** New files beside the old; what an earlier push left is taken back first. */
  stage(name: CertificateName, id: string, bundle: PushBundle): Promise<void>;
  switch(name: CertificateName, id: string): Promise<void>;
  reload(name: CertificateName): Promise<string | undefined>;
  /** The old files again, where there were some. */
  back(name: CertificateName, id: string): Promise<void>;
  /** The new files stay: what was kept for the way back goes. */
  settle(name: CertificateName, id: string): Promise<void>;
}
