import type { CertificateName } from '@sixhub/protocol';
import type { Endpoint } from '@sixhub/wire';
import type { Argv } from './service.js';

/** A certificate file as a service's own configuration uses it at one listener. */
export interface Use {
  /** Whole path of the file with the certificate, as the configuration names it; links are not followed. */
  readonly certificate: string;
  /** A concrete address: `*` and `::` are taken apart into loopback ones, since the agent is on the same machine. */
  readonly endpoint: Endpoint;
  /** What a client must ask for by SNI to be shown it; undefined: the one that is shown without a name. */
  readonly servername: string | undefined;
  /** For people: `/etc/apache2/sites-enabled/web.conf:12`, `main.cf: smtpd_tls_chain_files`. */
  readonly where: string;
}

/** What a service's configuration says about certificates, read by the service's own programs where they tell. */
export type Reading =
  | {
      readonly kind: 'read';
      /** Of several with one endpoint and one name, only the one that the service shows. */
      readonly uses: readonly Use[];
      /** To be run before a reload, in this order: what the service reads in place of the files (`postmap -F`). */
      readonly prepare: readonly Argv[];
    }
  /** Not installed, or its configuration is broken: the program's own words. */
  | { readonly kind: 'unread'; readonly why: string };

/** A file of this agent's: at live/NAME or a copy it follows each switch; at a version's own directory it never does. */
export interface Kept {
  readonly kind: 'follows' | 'pinned';
  readonly certificate: CertificateName;
}

/** A reading in which each file is known for the certificate that it is of; undefined: none that the agent keeps. */
export type Bound =
  | {
      readonly kind: 'read';
      readonly uses: readonly (Use & { readonly of: Kept | undefined })[];
      readonly prepare: readonly Argv[];
    }
  | Extract<Reading, { kind: 'unread' }>;
