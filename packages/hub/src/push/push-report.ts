import type { DeploymentReport, ServiceResult } from '@sixhub/protocol';
import type { Sight } from '@sixhub/wire';
import { judge } from './judge.js';
import type { PushJob } from './push-job.js';

/** What became of a push, as an agent reports of a run. */

export function installed(
  { name: certificate, version, looks }: Pick<PushJob, 'name' | 'version' | 'looks'>,
  words: string,
  services: readonly ServiceResult[],
  now: Date,
): DeploymentReport {
  const blind: ServiceResult = {
    service: 'reload',
    state: 'not-serving',
    detail: cut(words),
    at: now.toISOString(),
  };
  return {
    ...{ certificate, version: version.id, installed: true, detail: '' },
    services: looks.length === 0 && words !== '' ? [blind] : [...services],
  };
}

export function notInstalled(
  { name: certificate, version }: Pick<PushJob, 'name' | 'version'>,
  why: string,
  sights: readonly Sight[],
  now: Date,
): DeploymentReport {
  const { fingerprint, id } = version;
  const evidence = { fingerprint, sights, voters: [], back: undefined, brokenBefore: undefined };
  // It may be served all the same: as by a host whose list was changed, or that was restored.
  const services = judge({ ...evidence, words: '', now }).filter(
    ({ state }) => state === 'serving',
  );
  return { certificate, version: id, installed: false, detail: cut(why), services: [...services] };
}

export function held(
  { name: certificate, version }: PushJob,
  {
    why,
    brokenBefore,
    before,
    now,
  }: {
    readonly why: string;
    readonly brokenBefore: string;
    readonly before: readonly Sight[];
    readonly now: Date;
  },
): DeploymentReport {
  const { fingerprint, id } = version;
  const evidence = { fingerprint, sights: before, voters: [], back: undefined, words: '' };
  return {
    ...{ certificate, version: id, installed: false, detail: cut(why) },
    services: [...judge({ ...evidence, brokenBefore, now })],
  };
}

export function cut(words: string): string {
  return words.slice(0, 2_000);
}
