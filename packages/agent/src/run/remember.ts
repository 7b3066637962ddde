import type { WantedCertificate } from '@sixhub/protocol';
import { retryAt } from '../domain/backoff.js';
import { isReached, type Remembered, type Starts } from '../domain/remembered.js';
import type { Outcome } from './carry-out.js';
import type { RunParts } from './parts.js';

/** What a run leaves for the next one about a certificate, told to the journal as it is written down. */

export function rememberOutcome(
  { clock, journal }: Pick<RunParts, 'clock' | 'journal'>,
  { subject: { wanted }, installed, detail, services }: Outcome,
  before: Remembered | undefined,
  starts: Starts,
): Remembered {
  for (const { service, state, detail: words } of services) {
    journal(`${service}: ${wanted.name} ${spoken[state]}${words === '' ? '' : `: ${words}`}`);
  }
  if (detail !== '') journal(`certificate ${wanted.name}: ${detail}`);
  const now = clock.now();
  const failures = isReached({ installed, services }) ? 0 : failuresOf(wanted, before) + 1;
  return {
    version: wanted.version,
    installed,
    detail,
    services,
    failures,
    ...(failures === 0 ? {} : { retryAt: retryAt(failures, now).toISOString() }),
    ...(services.length === 0 ? {} : { lookedAt: now.toISOString(), starts }),
    reported: false,
  };
}

const spoken: Readonly<Record<Remembered['services'][number]['state'], string>> = {
  serving: 'is served',
  'rolled-back': 'is served in its version before',
  'not-serving': 'IS NOT SERVED',
  'broken-before': 'left alone, its configuration was broken before',
};

/** It did not come to a switch. The hub hears of it again only where there is something new to say. */
export function rememberFailure(
  { clock, journal }: Pick<RunParts, 'clock' | 'journal'>,
  wanted: WantedCertificate,
  before: Remembered | undefined,
  detail: string,
): Remembered {
  journal(`certificate ${wanted.name}: not installed: ${detail}`);
  const failures = failuresOf(wanted, before) + 1;
  return {
    version: wanted.version,
    installed: false,
    detail: detail.slice(0, 2_000),
    services: [],
    failures,
    retryAt: retryAt(failures, clock.now()).toISOString(),
    reported: before?.reported === true && isKnownFailure(wanted, before, detail),
  };
}

export function isKnownFailure(
  wanted: WantedCertificate,
  before: Remembered | undefined,
  detail: string,
): boolean {
  return before?.version === wanted.version && !before.installed && before.detail === detail;
}

function failuresOf(wanted: WantedCertificate, before: Remembered | undefined): number {
  return before?.version === wanted.version ? before.failures : 0;
}
