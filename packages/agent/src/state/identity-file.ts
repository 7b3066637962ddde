import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, exitCodes, SixhubError, systemCode, writeWhole } from '@sixhub/base';
import { identity } from '@sixhub/protocol';
import * as z from 'zod';

const hubAddress = z.url({ protocol: /^https$/ });

/** Who this machine is at the hub. One file, so that key, certificate, CA and addresses only ever change together. */
const stored = identity.extend({
  hubs: z.array(hubAddress).min(1),
  /** PKCS#8, PEM. It was made here and has never been anywhere else. */
  privateKey: z.string(),
});
export type StoredIdentity = z.infer<typeof stored>;

/** So many of the addresses of before are tried after those that the hub tells. */
const keptHubs = 4;

/** Where to look for the hub after it told where it is; what is no address is left out. */
export function hubsAfter(before: readonly string[], told: readonly string[]): readonly string[] {
  const present = told.filter((hub) => hubAddress.safeParse(hub).success);
  if (present.length === 0) return before;
  const earlier = before.filter((hub) => !present.includes(hub));
  return [...new Set(present), ...earlier.slice(0, keptHubs)];
}

export interface Lifetime {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export async function readIdentity(state: string): Promise<StoredIdentity | undefined> {
  const path = identityPath(state);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new SixhubError({
      code: 'identity-unreadable',
      fact: `${path} can't be read: ${errorText(error)}`,
      hint: 'Run hub-agent as root.',
      exit: exitCodes.usage,
      cause: error,
    });
  });
  return text === undefined ? undefined : parseIdentity(path, text);
}

function parseIdentity(path: string, text: string): StoredIdentity {
  try {
    return stored.parse(JSON.parse(text));
  } catch (error) {
    throw new SixhubError({
      code: 'identity-damaged',
      fact: `${path} is damaged: this machine no longer knows who it is at the hub`,
      hint: 'Restore the file from a backup, or enrol again: `hub agent add NAME` on the hub, then `hub-agent enroll --again` here.',
      exit: exitCodes.usage,
      cause: error,
    });
  }
}

export async function writeIdentity(state: string, value: StoredIdentity): Promise<void> {
  await makeState(state);
  await writeWhole(identityPath(state), `${JSON.stringify(value, undefined, 2)}\n`, {
    mode: 0o600,
  });
}

export async function makeState(state: string): Promise<void> {
  try {
    await mkdir(state, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SixhubError({
      code: 'state-unusable',
      fact: `the state directory ${state} can't be made: ${errorText(error)}`,
      hint: 'Run hub-agent as root, or set `state` in agent.toml to a directory that it may write.',
      exit: exitCodes.usage,
      cause: error,
    });
  }
}

export function lifetimeOf(value: Pick<StoredIdentity, 'certificate'>): Lifetime {
  const certificate = new X509Certificate(value.certificate);
  return {
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

/** Renewed at half of its life, so that a hub that is down for weeks is no reason to enrol again. */
export function isRenewalDue({ notBefore, notAfter }: Lifetime, now: Date): boolean {
  return now.getTime() >= (notBefore.getTime() + notAfter.getTime()) / 2;
}

function identityPath(state: string): string {
  return join(state, 'identity.json');
}
