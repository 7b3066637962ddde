import * as z from 'zod';
import { hostWord } from './host-word.js';
import { certificateName, versionId } from './names.js';

/** What became of a version at one service of an agent. */
export const serviceState = z.enum([
  /** Every connection that was tried is served the version. */
  'serving',
  /** The new version was not served; the one before it was put back and is served. */
  'rolled-back',
  /** Neither the new version nor the one before is proven to be served. */
  'not-serving',
  /** The service's own configuration was broken before anything was touched; it was left alone. */
  'broken-before',
]);
export type ServiceState = z.infer<typeof serviceState>;

export const serviceResult = z.object({
  /** As agent.toml names it: `apache`. */
  service: z.string().max(64),
  state: serviceState,
  /** The program's own words, or what was seen on the wire; no secret. */
  detail: z.string().max(2_000),
  /** When this state was seen. */
  at: z.iso.datetime(),
});
export type ServiceResult = z.infer<typeof serviceResult>;

/** POST /v1/agent/reports: one run's results, a deployment for each certificate that the run looked at. */
export const report = z.object({
  deployments: z
    .array(
      z.object({
        certificate: certificateName,
        version: versionId,
        /** The version is the one that live/NAME points to now. */
        installed: z.boolean(),
        /** Why it is not installed, or what else a person should know; empty where there is nothing to say. */
        detail: z.string().max(2_000),
        services: z.array(serviceResult).max(64),
      }),
    )
    .max(10_000),
  /** Certificates that services of the machine name and the manifest lacks: all of them. Left out: as told before. */
  missing: z
    .array(z.object({ service: z.string().max(64), certificate: certificateName }))
    .max(1_000)
    .optional(),
  /** Of the physical host that the agent runs on. null: none is described any more. Left out: as told before. */
  host: hostWord.nullable().optional(),
});
export type Report = z.infer<typeof report>;
export type DeploymentReport = Report['deployments'][number];
