import { X509Certificate } from 'node:crypto';
import type { Bundle, WantedCertificate } from '@sixhub/protocol';
import { hashOf } from '../keys/own-keys.js';
import { checkBundle } from '../live/bundle-check.js';
import type { Staged } from '../ports.js';
import type { RunParts } from './parts.js';

type ObtainParts = Pick<RunParts, 'hub' | 'tree' | 'copies' | 'keys' | 'clock' | 'journal'>;

/** The wanted version as a directory beside live, and its copies beside their places: all that a switch needs. */
export async function obtain(parts: ObtainParts, wanted: WantedCertificate): Promise<Staged> {
  const staged = await obtainVersion(parts, wanted);
  if (staged.kind === 'failed') return staged;
  const words = await parts.copies.stage(wanted.name, staged.target);
  if (words === undefined) return staged;
  await parts.copies.tidy(wanted.name);
  return { kind: 'failed', why: words };
}

/** An earlier run's, or fetched, checked and staged now. */
async function obtainVersion(parts: ObtainParts, wanted: WantedCertificate): Promise<Staged> {
  const { hub, tree, clock, journal } = parts;
  const earlier = await tree.find(wanted);
  if (earlier !== undefined) return { kind: 'staged', target: earlier };
  const answer = await hub.bundle(wanted.name);
  if (answer.kind === 'refused') return { kind: 'failed', why: answer.why };
  const privateKey = answer.bundle.privateKey ?? (await keyMadeHere(parts, answer.bundle));
  if (privateKey === undefined) return { kind: 'failed', why: await tellLost(parts, wanted) };
  const checked = checkBundle(wanted, { ...answer.bundle, privateKey }, clock.now());
  if (checked.kind === 'unsound') return { kind: 'failed', why: checked.why };
  const staged = await tree.stage(checked.bundle);
  if (staged.kind === 'staged') {
    journal(
      `certificate ${wanted.name}: version ${wanted.version} fetched, checked and staged, valid until ${wanted.notAfter}`,
    );
  }
  return staged;
}

/** The hub has none to give. Undefined: it is lost; throws where the bundle is none. */
async function keyMadeHere(
  { keys }: ObtainParts,
  { name, certificate }: Bundle,
): Promise<string | undefined> {
  const publicKey = hashOf(new X509Certificate(certificate).publicKey);
  return (await keys.find(name, publicKey))?.pem;
}

async function tellLost(
  { hub }: ObtainParts,
  { name, version }: WantedCertificate,
): Promise<string> {
  const lost = 'its private key was made on this machine, and is not here any more';
  const refused = await hub.tellLost({ certificate: name, version });
  return refused === undefined
    ? `${lost}; the hub knows, and a version with another key comes`
    : `${lost}; ${refused}`;
}
