import type {
  Bundle,
  CertificateName,
  HostWord,
  Identity,
  KeyRequest,
  LostKey,
  Manifest,
  Report,
  WantedCertificate,
} from '@sixhub/protocol';
import type { Intents } from './domain/intent.js';
import type { Memory } from './domain/remembered.js';
import type { Argv, Service } from './domain/service.js';
import type { Kept, Reading } from './domain/use.js';
import type { Installed } from './domain/version.js';

/** A certificate that a service of this machine names, and the hub does not give. */
export type Missing = NonNullable<Report['missing']>[number];

/** What a run needs from outside. Adapters stand in the rooms beside this file. */

export interface KnownManifest {
  readonly etag: string;
  readonly manifest: Manifest;
}

export type BundleAnswer =
  | { readonly kind: 'bundle'; readonly bundle: Bundle }
  /** No grant, not there, or not readable: concerns this one certificate, and no other. */
  | { readonly kind: 'refused'; readonly why: string };

/** What the hub says no to, of one object. */
export interface Refused {
  /** In its own words. */
  readonly why: string;
  /** The same sent again would be refused again; of anything else that can't be known, as where an answer was lost. */
  readonly isForGood: boolean;
}

/** The hub over mutual TLS. Throws a SixhubError where no hub can be reached or this agent is not let in. */
export interface Hub {
  /** The same object where the hub says that nothing changed. */
  manifest(known: KnownManifest | undefined): Promise<KnownManifest>;
  /**
   * As `manifest`, but held by the hub until there is another, at most so many seconds; ends with the signal. It is
   * never answered in vain sooner than a few seconds, whatever the hub does: it can be called in a circle.
   */
  awaitManifest(
    known: KnownManifest,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<KnownManifest>;
  bundle(name: CertificateName): Promise<BundleAnswer>;
  /** A request for a certificate with a key of this machine. Undefined: taken; or why it was refused. */
  answerRequest(id: string, csr: string): Promise<Refused | undefined>;
  /** A key that was made here is gone. Undefined: another one will be asked for; or why not. */
  tellLost(lost: LostKey): Promise<string | undefined>;
  report(report: Report): Promise<void>;
  /** `ca`: the CA that it is wanted from, by its SHA-256. */
  renewIdentity(csr: string, ca: string | undefined): Promise<Identity>;
}

/** A private key that was made here. */
export interface OwnKey {
  /** PKCS#8. */
  readonly pem: string;
  /** SHA-256 of its SubjectPublicKeyInfo, hexadecimal. */
  readonly publicKey: string;
}

/** Private keys that never leave this machine, from when they are made until their certificates are installed. */
export interface OwnKeys {
  /** The same again for the same request; it is on the disk when this returns. */
  forRequest(request: KeyRequest): Promise<OwnKey>;
  /** By its public key, also where it is installed already. */
  find(name: CertificateName, publicKey: string): Promise<OwnKey | undefined>;
  discard(request: KeyRequest): Promise<void>;
  /** Certificates for which there are keys. */
  names(): Promise<readonly CertificateName[]>;
  /** One of them is where its certificate is. */
  isInPlace(name: CertificateName): Promise<boolean>;
  /** Removes those of other requests. */
  keepOnly(name: CertificateName, requests: readonly KeyRequest[]): Promise<void>;
}

/** A bundle that was taken apart and found to be one certificate with its key and chain. */
export interface SoundBundle {
  readonly name: CertificateName;
  readonly version: string;
  readonly fingerprint: string;
  readonly certificate: string;
  readonly chain: string;
  readonly privateKey: string;
}

export type Staged =
  | { readonly kind: 'staged'; readonly target: string }
  | { readonly kind: 'failed'; readonly why: string };

/** The directory `live` and the versions beside it. */
export interface LiveTree {
  look(name: CertificateName): Promise<Installed>;
  /** Takes over what another program left under live/NAME, content unchanged. */
  adopt(name: CertificateName): Promise<Installed>;
  /** The version, if an earlier run has staged it and it is still whole. */
  find(wanted: WantedCertificate): Promise<string | undefined>;
  /** The newest version beside the one that live/NAME points to. */
  before(name: CertificateName): Promise<Installed>;
  stage(bundle: SoundBundle): Promise<Staged>;
  /** The switch. Undefined, or the system's words. */
  point(name: CertificateName, target: string): Promise<string | undefined>;
  /** Removes what a killed run left, and versions that are neither in use nor the one before. */
  tidy(name: CertificateName): Promise<void>;
  /** Of which certificate this file is, whatever links lead to it; undefined where it is none of the tree's. */
  whose(path: string): Promise<Kept | undefined>;
}

/** A service's own programs. Undefined is success; a text is the program's own words. */
export interface ServiceControl {
  check(service: Service): Promise<string | undefined>;
  /** `prepare`: what has to be made anew from the files first, as the reading of its configuration says. */
  reload(service: Service, prepare: readonly Argv[]): Promise<string | undefined>;
  revive(service: Service, prepare: readonly Argv[]): Promise<string | undefined>;
  /** Another one after each start of the service; undefined where nobody tells. */
  startOf(service: Pick<Service, 'unit'>): Promise<string | undefined>;
}

/** Reads what a service's own configuration says. Never throws for what it finds there. */
export type ReadConfiguration = (
  service: Pick<Service, 'kind' | 'configuration'>,
) => Promise<Reading>;

export interface StateStore {
  readMemory(): Promise<Memory>;
  writeMemory(memory: Memory): Promise<void>;
  readManifest(): Promise<KnownManifest | undefined>;
  writeManifest(known: KnownManifest): Promise<void>;
  readIntents(): Promise<Intents>;
  writeIntents(intents: Intents): Promise<void>;
  /** What the hub was told last of what services name and it does not give. */
  readToldMissing(): Promise<readonly Missing[]>;
  writeToldMissing(missing: readonly Missing[]): Promise<void>;
  /** What the hub was told last of the physical host. */
  readToldHost(): Promise<HostWord | undefined>;
  writeToldHost(host: HostWord | undefined): Promise<void>;
}

/** How the physical host is, where this machine is one that hostcore looks at. */
export type ReadHost = () => Promise<HostWord | undefined>;

/** A line a step, for people. */
export type Journal = (line: string) => void;

/** Other places where agent.toml wants a certificate's files, in other forms. `target` is what live/NAME points to. */
export interface Copies {
  /** Makes each copy ready beside its place; nothing is changed yet. Undefined, or why not all of them are. */
  stage(name: CertificateName, target: string): Promise<string | undefined>;
  /** Puts what was staged for this target into place, each by one rename. Undefined, or why not all of them are. */
  place(name: CertificateName, target: string): Promise<string | undefined>;
  /** What is missing, changed by hand, of another version or has other rights: a clause; undefined: all is right. */
  fault(name: CertificateName, target: string): Promise<string | undefined>;
  /** Removes what a killed run left. */
  tidy(name: CertificateName): Promise<void>;
}
