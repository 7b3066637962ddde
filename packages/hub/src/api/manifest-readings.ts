import type { CertificateName } from '@sixhub/protocol';
import type { CertificateStore } from '../store/certificates.js';
import type { ManifestChanges } from '../store/manifest-changes.js';

/** What manifests are made of, and where each change of it is told by a row (migration 013). */
export type ManifestSource = Pick<CertificateStore, 'find' | 'newest' | 'revokedFingerprints'>;

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
  readonly #source: ManifestSource;
  readonly #changes: ManifestChanges;
  readonly #kept = new Map<string, Map<string, Promise<unknown>>>();
  #seen = -1;
  #keptSince = 0;

  constructor(source: ManifestSource, changes: ManifestChanges) {
    this.#source = source;
    this.#changes = changes;
  }

  async refresh(now: Date): Promise<void> {
    const age = now.getTime() - this.#keptSince;
    if (age < 0 || age > keptMs) {
      this.#kept.clear();
      this.#keptSince = now.getTime();
    }
    const last = await this.#changes.last();
    if (last === this.#seen) return;
    const changes = last > this.#seen ? await this.#changes.after(this.#seen, most) : [];
    // Fewer where some are not kept any more, or one was taken back with its transaction.
    const isWhole = changes.length === last - this.#seen && changes.at(-1)?.seq === last;
    if (!isWhole) this.#kept.clear();
    for (const { certificate } of changes) this.#kept.delete(certificate ?? '');
    this.#seen = last;
  }

  find: ManifestSource['find'] = (name) => this.#read(name, 'find', () => this.#source.find(name));

  newest: ManifestSource['newest'] = (name) =>
    this.#read(name, 'newest', () => this.#source.newest(name));

  revokedFingerprints: ManifestSource['revokedFingerprints'] = (name, now) =>
    this.#read(name, 'revoked', () => this.#source.revokedFingerprints(name, now));

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
