import type { IncomingMessage } from 'node:http';
import { clientAddresses, type AddressSource } from './client-address.js';

/** Far more than any client sends; the rest is not read. */
const longestBody = 65_536;

/** What a route needs of a request, its body read. */
export class HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly addresses: readonly string[];
  private readonly message: IncomingMessage;

  private constructor(message: IncomingMessage, body: string, addresses: readonly string[]) {
    this.message = message;
    this.method = message.method ?? '';
    this.path = (message.url ?? '').split('?', 1)[0] ?? '';
    this.body = body;
    this.addresses = addresses;
  }

  /** Undefined where the body is too long. */
  static async read(
    message: IncomingMessage,
    source: AddressSource,
  ): Promise<HttpRequest | undefined> {
    const addresses = clientAddresses(message, source);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of message) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      if (size > longestBody) return undefined;
      chunks.push(chunk);
    }
    return new HttpRequest(message, Buffer.concat(chunks).toString('utf8'), addresses);
  }

  header(name: string): string | undefined {
    const value = this.message.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }
}
