import { certificateAlert, type CertificateTrouble } from './certificate-alert.js';

/** Why a person is needed for a certificate itself, whichever machines have it. */
export interface CertificateNeed {
  readonly fact: string;
  readonly remedy: string;
}

/**
 * As people are told (certificate-alert.ts), but at once where only a person can go on: who looks now wants to know it
 * now.
 */
export function certificateNeed(
  trouble: CertificateTrouble,
  now: Date,
): CertificateNeed | undefined {
  const { issuance, told, gone } = trouble;
  const alert = certificateAlert(trouble, now);
  if (alert !== undefined) {
    return { fact: `${alert.headline}: ${alert.fact}`, remedy: alert.fix };
  }
  if (issuance?.stage === 'delegation' && told?.kind === 'delegation-wanted') {
    const records = told.records.map(({ name, target }) => `\`${name}. CNAME ${target}.\``);
    return {
      fact: 'it waits for its CNAME',
      remedy: `Create ${records.join(' and ')}; the hub goes on by itself.`,
    };
  }
  const [first] = gone;
  if (first === undefined) return undefined;
  return {
    fact: `the CNAME of ${gone.join(', ')} is gone; no renewal can be validated without it`,
    remedy: `Create it again: \`hub doctor ${first}\` shows it.`,
  };
}
