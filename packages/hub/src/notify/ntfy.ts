import type { NtfyConfig } from '../config/notify-config.js';
import type { Channel, Message, Sent } from './channel.js';
import { post } from './https-post.js';
import { readSecret } from './secret-file.js';

const looks: Readonly<
  Record<Message['urgency'], { readonly priority: number; readonly tags: readonly string[] }>
> = {
  critical: { priority: 5, tags: ['rotating_light'] },
  warning: { priority: 4, tags: ['warning'] },
  over: { priority: 2, tags: ['white_check_mark'] },
  test: { priority: 3, tags: ['bell'] },
};

/** ntfy takes 4,096 bytes as a message; more becomes a file. */
const longestBytes = 3_500;

/**
 * Publishes to a topic as JSON, posted to the server's root, so that a title may be in any language. ntfy has no id of
 * the sender's: what is sent twice is shown twice.
 */
export function ntfyChannel(config: NtfyConfig): Channel {
  return {
    name: config.name,
    kind: 'ntfy',
    async send({ subject, text, urgency }, signal): Promise<Sent> {
      const secret =
        config.token_file === undefined ? undefined : await readSecret(config.token_file);
      if (secret?.kind === 'failed') return secret;
      const topicUrl = new URL(config.url);
      const topic = topicUrl.pathname.split('/').at(-1) ?? '';
      return post({
        url: new URL('.', topicUrl).href,
        trust: config.trust,
        headers: {
          'Content-Type': 'application/json',
          'User-Agent': 'sixhub',
          ...(secret === undefined ? {} : { Authorization: `Bearer ${secret.secret}` }),
        },
        body: JSON.stringify({
          topic,
          title: subject,
          message: shortened(text),
          ...looks[urgency],
        }),
        secrets: [topic, ...(secret === undefined ? [] : [secret.secret])],
        signal,
      });
    },
  };
}

function shortened(text: string): string {
  if (Buffer.byteLength(text) <= longestBytes) return text;
  const cut = Buffer.from(text).subarray(0, longestBytes).toString('utf8');
  return `${cut.slice(0, cut.lastIndexOf('\n'))}\n… more: hub notify list`;
}
