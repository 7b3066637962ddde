import type { CertificateName } from '@sixhub/protocol';
import type { FormName } from './form.js';

/** Who may read a file. The names are for people; the numbers are what the system knows. */
export interface Rights {
  readonly owner: string;
  readonly uid: number;
  readonly group: string;
  readonly gid: number;
  readonly mode: number;
}

/** Another place where a certificate's files are kept, in a form of its own. */
export interface Copy {
  readonly path: string;
  readonly form: FormName;
  readonly rights: Rights;
  /** Its first line locks the form; undefined for the forms that have no lock. */
  readonly passwordFile: string | undefined;
  /** What the entry in a key store is called. */
  readonly alias: string;
}

/** How agent.toml wants one certificate to be kept on this machine. */
export interface Keeping {
  readonly certificate: CertificateName;
  /** Of privkey.pem in the tree. Undefined: the agent's own, and what a person changed about it is not judged. */
  readonly rights: Rights | undefined;
  readonly copies: readonly Copy[];
}
