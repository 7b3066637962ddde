import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { createKey } from '@sixhub/acme';
import { z } from 'zod';

const directoryDocument = z.object({
  newNonce: z.string(),
  newAccount: z.string(),
  newOrder: z.string(),
  revokeCert: z.string(),
  keyChange: z.string(),
});

const document = z.record(z.string(), z.unknown());

export interface RawAnswer {
  readonly status: number;
  /** Of the problem, without its prefix. */
  readonly type: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What is signed; each may be other than RFC 8555 has it. */
export interface RawRequest {
  readonly key: KeyObject;
  /** Undefined for POST-as-GET. */
  readonly payload?: unknown;
  /** Instead of, or beside, `alg`, `nonce` and `url`. */
  readonly head?: Readonly<Record<string, unknown>>;
  readonly contentType?: string;
}

/** Sends what no session would, to see how it is refused. */
export class RawClient {
  readonly resources: z.infer<typeof directoryDocument>;
  readonly #trust: string;

  private constructor(resources: z.infer<typeof directoryDocument>, trust: string) {
    this.resources = resources;
    this.#trust = trust;
  }

  static async open(directory: string, trust: string): Promise<RawClient> {
    const { body } = await send(directory, trust, 'GET');
    return new RawClient(directoryDocument.parse(body), trust);
  }

  async nonce(): Promise<string> {
    const { headers } = await send(this.resources.newNonce, this.#trust, 'HEAD');
    return String(headers['replay-nonce']);
  }

  async post(url: string, { key, payload, head, contentType }: RawRequest): Promise<RawAnswer> {
    const nonce = await this.nonce();
    const body = signed(key, { nonce, url, ...head }, payload);
    return send(url, this.#trust, 'POST', {
      body: JSON.stringify(body),
      contentType: contentType ?? 'application/jose+json',
    });
  }

  /** A key with an account. */
  async account(): Promise<{ readonly key: KeyObject; readonly url: string }> {
    const key = await newKey();
    const { status, headers } = await this.post(this.resources.newAccount, {
      ...{ key, head: { jwk: jwkOf(key) } },
      payload: { termsOfServiceAgreed: true },
    });
    if (status !== 201) throw new Error(`an account was refused: ${status}`);
    return { key, url: String(headers['location']) };
  }
}

export async function newKey(): Promise<KeyObject> {
  return createPrivateKey(await createKey('p256'));
}

export function jwkOf(key: KeyObject): object {
  return createPublicKey(key).export({ format: 'jwk' });
}

/** A flattened JWS (RFC 8555 §6.2). */
export function signed(key: KeyObject, head: object, payload: unknown): object {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  const protectedHead = encode({ alg: 'ES256', ...head });
  const content = payload === undefined ? '' : encode(payload);
  const signature = sign('sha256', Buffer.from(`${protectedHead}.${content}`), {
    key,
    dsaEncoding: 'ieee-p1363',
  });
  return {
    protected: protectedHead,
    payload: content,
    signature: signature.toString('base64url'),
  };
}

async function send(
  url: string,
  ca: string,
  method: string,
  content?: { readonly body: string; readonly contentType: string },
): Promise<RawAnswer> {
  const headers = {
    'User-Agent': 'raw',
    ...(content === undefined
      ? {}
      : {
          'Content-Type': content.contentType,
          'Content-Length': Buffer.byteLength(content.body),
        }),
  };
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(url, { method, ca, headers, agent: false }, resolve);
    outgoing.once('error', reject);
    outgoing.end(content?.body);
  });
  const said = await text(incoming);
  const body: RawAnswer['body'] = said.startsWith('{') ? document.parse(JSON.parse(said)) : {};
  return {
    status: incoming.statusCode ?? 0,
    type: String(body['type'] ?? '')
      .split(':')
      .at(-1),
    headers: incoming.headers,
    body,
  };
}
