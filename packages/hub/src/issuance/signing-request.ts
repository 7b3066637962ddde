import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { kindOfKey, type KeyKind } from '@sixhub/acme';
import { readDer, tags } from '@sixhub/base/der';
import * as x509 from '@peculiar/x509';

/** A certificate request (RFC 2986) that somebody else made. */
export type ReadRequest =
  | { readonly kind: 'sound'; readonly pem: string; readonly publicKey: string }
  | { readonly kind: 'unsound'; readonly why: string };

interface Wanted {
  readonly names: readonly string[];
  readonly keyKind: KeyKind;
}

const subjectAltName = '2.5.29.17';
const extensionRequest = '1.2.840.113549.1.9.14';

/**
 * An authority takes a request as it is (RFC 8555 §7.4), so that there must be nothing in it but what is wanted: a key of
 * the wanted kind, the proof that whoever asks has it, and the names. Whose key it may not be is for others to know.
 */
export async function readSigningRequest(pem: string, wanted: Wanted): Promise<ReadRequest> {
  const request = parsed(pem);
  if (request === undefined) return unsound('it is not PKCS#10 in PEM');
  try {
    const why =
      keyFault(request, wanted.keyKind) ??
      (await signatureFault(request)) ??
      nameFault(request, wanted.names);
    if (why !== undefined) return unsound(why);
    // Written anew: of what else stood in the text, nothing is passed on.
    return { kind: 'sound', pem: `${request.toString('pem')}\n`, publicKey: hashOf(request) };
  } catch {
    return unsound('a part of it could not be read');
  }
}

/** SHA-256 of the SubjectPublicKeyInfo, as in public-key.ts, of a request that was read before. */
export function publicKeyOfRequest(pem: string): string {
  return hashOf(new x509.Pkcs10CertificateRequest(pem));
}

function unsound(why: string): ReadRequest {
  return { kind: 'unsound', why };
}

function parsed(pem: string): x509.Pkcs10CertificateRequest | undefined {
  // One, and nothing that only looks like one: the library takes bare base64 as well.
  if (
    !/^\s*-----BEGIN CERTIFICATE REQUEST-----[^-]+-----END CERTIFICATE REQUEST-----\s*$/.test(pem)
  )
    return undefined;
  const der = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  // The signature is about the first of three parts; the library is lenient about what is around them.
  const [whole, ...more] = readDer(der) ?? [];
  if (whole?.tag !== tags.sequence || more.length > 0) return undefined;
  if (readDer(whole.content)?.length !== 3) return undefined;
  try {
    return new x509.Pkcs10CertificateRequest(der);
  } catch {
    return undefined; // the caller says whose it is
  }
}

function hashOf({ publicKey }: x509.Pkcs10CertificateRequest): string {
  return createHash('sha256').update(Buffer.from(publicKey.rawData)).digest('hex');
}

function keyFault(request: x509.Pkcs10CertificateRequest, kind: KeyKind): string | undefined {
  const key = createPublicKey({
    ...{ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' },
  });
  if (kindOfKey(key) !== kind) return `its key is ${described(key)}, and ${kind} is wanted`;
  // CA/Browser Forum Baseline Requirements §6.1.6: 2^16+1 or more; every other one is a mistake somewhere.
  const { publicExponent } = key.asymmetricKeyDetails ?? {};
  if (publicExponent !== undefined && publicExponent !== 65_537n)
    return `its RSA key has the exponent ${publicExponent}, and 65537 is wanted`;
  return undefined;
}

function described({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const { namedCurve, modulusLength } = asymmetricKeyDetails ?? {};
  return [asymmetricKeyType, namedCurve, modulusLength && `${modulusLength} bits`]
    .filter((word) => word !== undefined)
    .join(', ');
}

/** RFC 2986 §4.2: the proof of possession. */
async function signatureFault(request: x509.Pkcs10CertificateRequest): Promise<string | undefined> {
  const { hash } = request.signatureAlgorithm;
  if (!/^SHA-(256|384|512)$/.test(hash.name)) return `it is signed with ${hash.name}`;
  const holds = await request.verify().catch(() => false);
  return holds ? undefined : 'its signature is not by the key that it is for';
}

function nameFault(
  request: x509.Pkcs10CertificateRequest,
  names: readonly string[],
): string | undefined {
  const other =
    request.attributes.find(({ type }) => type !== extensionRequest) ??
    request.extensions.find(({ type }) => type !== subjectAltName);
  if (other !== undefined) return `it asks for more than names: ${other.type}`;
  if (request.attributes.length > 1 || request.extensions.length > 1)
    return 'it asks for names more than once';
  const subject = request.subjectName.toJSON().flatMap((part) => Object.entries(part));
  const wanted = new Set<string>(names);
  // Authorities take a common name for one more of the names.
  const odd = subject.find(
    ([type, values]) => type !== 'CN' || !values.every((one) => wanted.has(one)),
  );
  if (odd !== undefined) return `its subject has ${odd[0]}=${odd[1].join(', ')}`;
  const extension = request.getExtension(subjectAltName);
  const general =
    extension === null
      ? []
      : new x509.SubjectAlternativeNameExtension(extension.rawData).names.items;
  const asked = general.map(({ type, value }) => (type === 'dns' ? value : `${type}:${value}`));
  const missing = [...wanted].filter((name) => !asked.includes(name));
  if (missing.length > 0) return `it does not ask for ${missing.join(', ')}`;
  const extra = asked.filter((name) => !wanted.has(name));
  return extra.length === 0
    ? undefined
    : `it asks for a name that is not wanted: ${extra.join(', ')}`;
}
