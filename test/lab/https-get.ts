import { request, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';

export interface HttpsAnswer {
  readonly status: number;
  readonly body: string;
}

/** One GET that trusts `ca` alone. */
export function httpsGet(
  url: string,
  options: Pick<RequestOptions, 'ca' | 'headers'>,
): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    const ask = request(url, { ...options, agent: false, timeout: 5_000 }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    ask.once('timeout', () => ask.destroy(new Error(`${url} did not answer within 5 s`)));
    ask.once('error', reject);
    ask.end();
  });
}
