import type { WantedCertificate } from '@sixhub/protocol';
import type { Intent } from '../domain/intent.js';
import type { Service } from '../domain/service.js';
import type { Installed } from '../domain/version.js';
import type { WayBack } from '../domain/vote.js';

/** A certificate that this run works on. */
export interface Subject {
  readonly wanted: WantedCertificate;
  readonly installed: Installed;
  /** Where the wanted version lies, ready to be switched to; undefined where it is under live/NAME already. */
  readonly staged: string | undefined;
  readonly back: WayBack;
  readonly services: readonly Service[];
  /** Of a run that switched to the wanted version and was killed before it was proven. */
  readonly intent: Intent | undefined;
}
