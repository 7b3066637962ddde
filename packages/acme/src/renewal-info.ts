import { AuthorityKeyIdentifierExtension, X509Certificate } from '@peculiar/x509';
import { AuthorityProblem } from './domain/problem.js';
import { renewalInfoDocument } from './http/documents.js';
import { plainGet, type Exchange } from './http/exchange.js';

/** RFC 9773: when an authority wants one of its certificates renewed. */
export interface RenewalInfo {
  readonly start: Date;
  readonly end: Date;
  /** A page for people on why the window is where it is. */
  readonly explanationUrl: string | undefined;
  /** From `Retry-After`: when to ask again. */
  readonly retryAfterMs: number | undefined;
}

/**
 * §4.1: the certificate's name at its authority, base64url(keyIdentifier of the AKI) "." base64url(serial), without
 * padding. Undefined where the certificate has no authority key identifier.
 */
export function renewalInfoId(certificatePem: string): string | undefined {
  const certificate = new X509Certificate(certificatePem);
  const keyId = certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId;
  if (keyId === undefined) return undefined;
  const encode = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
  return `${encode(keyId)}.${encode(derInteger(certificate.serialNumber))}`;
}

/** A serial is positive (RFC 5280 §4.1.2.2), so DER has a 00 before a set first bit; it was cut off in reading. */
function derInteger(hex: string): string {
  return /^[89a-f]/i.test(hex) ? `00${hex}` : hex;
}

/** §4.1: a plain GET below the directory's `renewalInfo`, without an account. */
export async function askRenewalInfo(
  exchange: Exchange,
  base: string,
  id: string,
): Promise<RenewalInfo> {
  const { data, retryAfterMs } = await plainGet(exchange, `${base.replace(/\/$/, '')}/${id}`);
  // It said when to ask again, whatever else it said.
  const malformed = (detail: string): AuthorityProblem =>
    new AuthorityProblem({
      ...{ kind: 'malformed', authority: exchange.host, detail },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  const document = renewalInfoDocument.safeParse(data);
  if (!document.success) throw malformed('its renewal information is not what RFC 9773 says');
  const { suggestedWindow, explanationURL } = document.data;
  const start = new Date(suggestedWindow.start);
  const end = new Date(suggestedWindow.end);
  // §4.2: a window that ends before it starts is no renewal information.
  if (end <= start) throw malformed('its renewal window ends before it starts');
  return { start, end, explanationUrl: explanationURL, retryAfterMs };
}
