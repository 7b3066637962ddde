import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode, writeWhole } from '@sixhub/base';
import { certificateName, hostWord, manifest, serviceResult } from '@sixhub/protocol';
import * as z from 'zod';
import type { StateStore } from '../ports.js';

/**
 * What runs leave for each other. All of it can be found out again from the tree, the wire and the hub, so a file that
 * is missing or damaged only makes the next run look at everything; losing one is no error.
 */
const memory = z.record(
  z.string(),
  z.object({
    version: z.string(),
    installed: z.boolean(),
    detail: z.string(),
    services: z.array(serviceResult),
    failures: z.number().int(),
    retryAt: z.iso.datetime().optional(),
    lookedAt: z.iso.datetime().optional(),
    starts: z.record(z.string(), z.string()).optional(),
    reported: z.boolean(),
  }),
);
const missing = z.array(z.object({ service: z.string(), certificate: certificateName }));
const intents = z.record(
  z.string(),
  z.object({
    version: z.string(),
    voters: z.record(z.string(), z.array(z.string())),
    passed: z.array(z.string()),
  }),
);
/** Raised with each part of the manifest that an earlier agent did not keep. */
const reads = 2;
const knownManifest = z.object({ etag: z.string(), manifest, reads: z.number().default(1) });

export function stateStore(state: string): StateStore {
  const memoryFile = join(state, 'memory.json');
  const manifestFile = join(state, 'manifest.json');
  const missingFile = join(state, 'missing.json');
  const hostFile = join(state, 'host.json');
  const intentsFile = join(state, 'intents.json');
  return {
    async readMemory() {
      return (await readJson(memoryFile, memory)) ?? {};
    },
    writeMemory: (value) => writeJson(memoryFile, value),
    async readManifest() {
      const kept = await readJson(manifestFile, knownManifest);
      // What an earlier agent kept may lack a part: it is asked for once more, whatever its tag.
      return kept && { etag: kept.reads === reads ? kept.etag : '', manifest: kept.manifest };
    },
    writeManifest: (value) => writeJson(manifestFile, { ...value, reads }),
    async readIntents() {
      return (await readJson(intentsFile, intents)) ?? {};
    },
    writeIntents: (value) => writeJson(intentsFile, value),
    async readToldMissing() {
      return (await readJson(missingFile, missing)) ?? [];
    },
    writeToldMissing: (value) => writeJson(missingFile, value),
    async readToldHost() {
      return (await readJson(hostFile, hostWord.nullable())) ?? undefined;
    },
    writeToldHost: (value) => writeJson(hostFile, value ?? null),
  };
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return undefined;
  });
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // cut or edited: as good as missing
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeWhole(path, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
}
