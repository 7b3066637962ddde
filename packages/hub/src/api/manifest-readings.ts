import type { CertificateName } from '@sixhub/protocol';
import type { Version } from '../domain/certificate.js';
import type { CertificateStore } from '../store/certificates.js';
import type { IssuanceStore } from '../store/issuances.js';
import type { ManifestChanges } from '../store/manifest-changes.js';
import type { RolloutStore } from '../store/rollouts.js';
import type { WantedVersion, WantedVersions } from '../store/wanted-versions.js';

/** What manifests are made of, and where each change of it is told by a row (migrations 013 to 015). */
export interface ManifestSource extends Pick<CertificateStore, 'find' | 'revokedFingerprints'> {
  /** Undefined before there is a version. */
  wanted(agentId: string, name: CertificateName): Promise<WantedVersion | undefined>;
  /** Whether an agent is to make a key for it, or has made one that its version is not there of. */
  awaitsKey(name: CertificateName): Promise<boolean>;
}

interface Newest {
  readonly awaitsKey: boolean;
  readonly version: Version | undefined;
}

export interface ReadFrom {
  readonly certificates: Pick<CertificateStore, 'find' | 'newest' | 'revokedFingerprints'>;
  readonly issuances: Pick<IssuanceStore, 'unfinishedOf'>;
  readonly manifestChanges: Pick<ManifestChanges, 'last' | 'after'>;
  readonly rollouts: Pick<RolloutStore, 'of'>;
  readonly wantedVersions: WantedVersions;
}

/** So many changes are looked through; after more everything is read anew. */
const most = 100;
/** A revoked version that has ended meanwhile leaves the manifest by then. */
const keptMs = 60_000;

/**
 * The store's answers for manifests, kept until a change of that certificate is told: a thousand agents that are woken
 * for one version read it once. Who calls `refresh` before reads nothing older than what was stored at that moment,
 * by whichever process.
 */
export class ManifestReadings implements ManifestSource {
  readonly #store: ReadFrom;
  readonly #kept = new Map<string, Map<string, Promise<unknown>>>();
  #seen = -1;
  #keptSince = 0;

  constructor(store: ReadFrom) {
    this.#store = store;
  }

  async refresh(now: Date): Promise<void> {
    const age = now.getTime() - this.#keptSince;
    if (age < 0 || age > keptMs) {
      this.#kept.clear();
      this.#keptSince = now.getTime();
    }
    const { manifestChanges } = this.#store;
    const last = await manifestChanges.last();
    if (last === this.#seen) return;
    const changes = last > this.#seen ? await manifestChanges.after(this.#seen, most) : [];
    // Fewer where some are not kept any more, or one was taken back with its transaction.
    const isWhole = changes.length === last - this.#seen && changes.at(-1)?.seq === last;
    if (!isWhole) this.#kept.clear();
    for (const { certificate } of changes) this.#kept.delete(certificate ?? '');
    this.#seen = last;
  }

  find: ManifestSource['find'] = (name) =>
    this.#read(name, 'find', () => this.#store.certificates.find(name));

  revokedFingerprints: ManifestSource['revokedFingerprints'] = (name, now) =>
    this.#read(name, 'revoked', () => this.#store.certificates.revokedFingerprints(name, now));

  /**
   * The newest for all, but while that is rolled out: then each agent is looked up by itself. The version before the
   * rollout: one that is stored in between has its rollout then, and is given to nobody before its turn.
   */
  async wanted(agentId: string, name: CertificateName): Promise<WantedVersion | undefined> {
    const { rollouts, wantedVersions } = this.#store;
    const { version } = await this.#newest(name);
    const rollout = await this.#read(name, 'rollout', () => rollouts.of(name));
    if (rollout !== undefined && rollout.state !== 'done') return wantedVersions.of(agentId, name);
    return version && { version, waits: false };
  }

  async awaitsKey(name: CertificateName): Promise<boolean> {
    return (await this.#newest(name)).awaitsKey;
  }

  /** Together, and in this order: a version that is stored in between is listed beside its request, and never neither. */
  #newest(name: CertificateName): Promise<Newest> {
    const { issuances, certificates } = this.#store;
    return this.#read(name, 'newest', async () => {
      const awaitsKey = (await issuances.unfinishedOf(name))?.keyOn !== undefined;
      return { awaitsKey, version: await certificates.newest(name) };
    });
  }

  #read<T>(name: CertificateName, what: string, read: () => Promise<T>): Promise<T> {
    let ofName = this.#kept.get(name);
    if (ofName === undefined) this.#kept.set(name, (ofName = new Map()));
    // Each word has one reading, and so one type.
    const known = ofName.get(what) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const answer = read();
    ofName.set(what, answer);
    answer.catch(() => this.#kept.delete(name)); // asked again
    return answer;
  }
}
