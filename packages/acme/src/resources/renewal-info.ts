import { X509Certificate } from 'node:crypto';
import { readDer, tags, type DerValue } from '@sixhub/base/der';
import { AuthorityProblem } from '../domain/problem.js';
import { renewalInfoDocument } from '../http/documents.js';
import type { Exchange, Reply } from '../http/exchange.js';

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
 * padding. Both as they lie in the certificate, so that a serial keeps its leading 00. Undefined where the certificate
 * has no authority key identifier.
 */
export function renewalInfoId(certificatePem: string): string | undefined {
  // RFC 5280 §4.1: Certificate, of which the first part is TBSCertificate: [0] version, serialNumber, …, [3] extensions
  const parts = inside(inside(readDer(new X509Certificate(certificatePem).raw)?.[0])?.[0]);
  const serial = parts?.find(({ tag }) => tag === tags.integer);
  const extensions = inside(inside(parts?.find(({ tag }) => tag === 0xa3))?.[0]);
  const keyId = extensions?.map(authorityKeyId).find((one) => one !== undefined);
  if (serial === undefined || keyId === undefined) return undefined;
  return `${keyId.toString('base64url')}.${serial.content.toString('base64url')}`;
}

/** RFC 5280 §4.2.1.1, `2.5.29.35`: its keyIdentifier is [0]. */
function authorityKeyId(extension: DerValue): Buffer | undefined {
  const [identifier, ...rest] = inside(extension) ?? [];
  if (identifier?.content.toString('hex') !== '551d23') return undefined;
  return inside(inside(rest.at(-1))?.[0])?.find(({ tag }) => tag === 0x80)?.content;
}

function inside(value: DerValue | undefined): readonly DerValue[] | undefined {
  return value && readDer(value.content);
}

/**
 * §4.1: a plain GET below the directory's `renewalInfo`, without an account. Where the authority has none for this
 * certificate, the problem is of a kind that says nothing about the authority.
 */
export async function askRenewalInfo(
  exchange: Exchange,
  base: string,
  id: string,
): Promise<RenewalInfo> {
  const { text, retryAfterMs } = await ask(exchange, `${base.replace(/\/$/, '')}/${id}`);
  const document = renewalInfoDocument.safeParse(text);
  // It said when to ask again, whatever else it said.
  if (!document.success)
    throw exchange.malformed('its renewal information is not what RFC 9773 says', retryAfterMs);
  const { suggestedWindow, explanationURL } = document.data;
  const start = new Date(suggestedWindow.start);
  const end = new Date(suggestedWindow.end);
  // §4.2: a window that ends before it starts is no renewal information.
  if (end <= start)
    throw exchange.malformed('its renewal window ends before it starts', retryAfterMs);
  return { start, end, explanationUrl: explanationURL, retryAfterMs };
}

async function ask(exchange: Exchange, url: string): Promise<Reply> {
  try {
    return await exchange.get(url);
  } catch (error) {
    if (error instanceof AuthorityProblem && isAboutCertificate(error)) throw noneFor(error);
    throw error;
  }
}

/** Of what is asked without an account a 4xx can only mean the address, unless it names the way there, or a limit. */
function isAboutCertificate({ status = 0 }: AuthorityProblem): boolean {
  return status >= 400 && status < 500 && !notTheAddress.has(status);
}

/** Unauthorized and proxy authentication required are a network's; a time-out and too many requests are for now. */
const notTheAddress: ReadonlySet<number> = new Set([401, 407, 408, 429]);

/** A page in place of a problem document, as a 404 often has it, is no fault of the way there. */
function noneFor({ kind, authority, detail, status, retryAfterMs }: AuthorityProblem) {
  const isPage = kind === 'unreachable';
  const said = isPage ? `HTTP ${status}` : detail;
  return new AuthorityProblem({
    kind: isPage ? 'other' : kind,
    authority,
    detail: `it has no renewal information for this certificate (${said}); its lifetime decides meanwhile`,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
