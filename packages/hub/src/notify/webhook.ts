import { createHmac } from 'node:crypto';
import type { WebhookConfig } from '../config/notify-config.js';
import type { Channel, Sent } from './channel.js';
import { post } from './https-post.js';
import { readSecret } from './secret-file.js';

/**
 * A POST of JSON, signed as Standard Webhooks 1.0 has it: whoever has the secret can tell that it is from this hub,
 * that it is new, and by its id whether it came before.
 */
export function webhookChannel(config: WebhookConfig, now: () => Date): Channel {
  return {
    name: config.name,
    kind: 'webhook',
    async send({ id, document }, signal): Promise<Sent> {
      const secret = await readSecret(config.secret_file);
      if (secret.kind === 'failed') return secret;
      const key = signingKey(secret.secret);
      if (key === undefined) {
        return {
          kind: 'failed',
          fact: `${config.secret_file} holds no webhook secret`,
          hint: 'It is `whsec_` and the base64 of 24 to 64 bytes: (printf whsec_; openssl rand -base64 32)',
        };
      }
      const body = JSON.stringify(document);
      const timestamp = String(Math.floor(now().getTime() / 1_000));
      const signature = createHmac('sha256', key)
        .update(`${id}.${timestamp}.${body}`)
        .digest('base64');
      return post({
        url: config.url,
        trust: config.trust,
        headers: {
          'Content-Type': 'application/json',
          'User-Agent': 'sixhub',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${signature}`,
        },
        body,
        secrets: [secret.secret],
        signal,
      });
    },
  };
}

/** 24 to 64 bytes; fewer are no secret. */
function signingKey(secret: string): Buffer | undefined {
  const text = secret.replace(/^whsec_/, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}
