import type { DeploymentReport, ServiceResult } from '@sixhub/protocol';

/** What the last run that worked on a certificate left for the next one. */
export interface Remembered {
  /** The version that the hub wanted then. */
  readonly version: string;
  /** live/NAME pointed to it at the end. */
  readonly installed: boolean;
  readonly detail: string;
  readonly services: readonly ServiceResult[];
  /** How many runs in a row did not reach the goal with this version. */
  readonly failures: number;
  /** Not tried again by itself before this moment. */
  readonly retryAt?: string | undefined;
  /** When its services were last looked at on the wire. */
  readonly lookedAt?: string | undefined;
  /** By service: which start of it was looked at. */
  readonly starts?: Starts | undefined;
  /** The hub has heard of it. */
  readonly reported: boolean;
}

/** By service: what is another one after each start. */
export type Starts = Readonly<Record<string, string>>;

export type Memory = Readonly<Record<string, Remembered>>;

/** The goal: installed, and every service of this machine serves it. */
export function isReached(remembered: Pick<Remembered, 'installed' | 'services'>): boolean {
  return remembered.installed && remembered.services.every(({ state }) => state === 'serving');
}

export function asDeployment(
  name: DeploymentReport['certificate'],
  { version, installed, detail, services }: Remembered,
): DeploymentReport {
  return { certificate: name, version, installed, detail, services: [...services] };
}
