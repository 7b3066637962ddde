import { parseDuration } from '@sixhub/base';
import { z } from 'zod';

/** Section [notify] of hub.toml: who is told of troubles, and how; docs/alerts.md has an example of each. */

const duration = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue('is not a time; write it like "10m", "6h" or "7d"');
  return z.NEVER;
});

/** What `hub notify test NAME` calls it; unique among all channels. */
const channelName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,31}$/, 'is no name: lower-case letters, digits, dots, dashes');

const httpsUrl = z.url({ protocol: /^https$/, error: 'is no https:// address' });

/** Nobody may write a header by an address. */
const address = z.email();

const mail = z
  .strictObject({
    name: channelName.default('mail'),
    server: z.string().min(1),
    port: z.number().int().min(1).max(65_535).optional(),
    tls: z
      .enum(['starttls', 'implicit', 'none'], { error: 'is one of "starttls", "implicit", "none"' })
      .optional(),
    /** File with PEM roots for the server's certificate. */
    trust: z.string().optional(),
    user: z.string().optional(),
    password_file: z.string().optional(),
    from: address,
    to: z.array(address).min(1),
  })
  .transform((given, context) => {
    const tls = given.tls ?? (given.port === 465 ? 'implicit' : 'starttls');
    const port = given.port ?? (tls === 'implicit' ? 465 : 587);
    if ((given.user === undefined) !== (given.password_file === undefined)) {
      context.addIssue('needs both `user` and `password_file`, or neither');
    }
    if (tls === 'none' && given.user !== undefined) {
      context.addIssue('sends no password without TLS: leave `tls = "none"` out');
    }
    return { ...given, tls, port };
  });
export type MailConfig = z.infer<typeof mail>;

const webhook = z.strictObject({
  name: channelName.default('webhook'),
  url: httpsUrl,
  /** `whsec_` and base64 (Standard Webhooks). */
  secret_file: z.string(),
  trust: z.string().optional(),
});
export type WebhookConfig = z.infer<typeof webhook>;

const ntfy = z.strictObject({
  name: channelName.default('ntfy'),
  /** Of the topic: `https://ntfy.sh/TOPIC`. */
  url: httpsUrl.refine((url) => /^\/(.*\/)?[A-Za-z0-9_-]{1,64}$/.test(new URL(url).pathname), {
    error: 'does not end with a topic, as in https://ntfy.example.net/TOPIC',
  }),
  token_file: z.string().optional(),
  trust: z.string().optional(),
});
export type NtfyConfig = z.infer<typeof ntfy>;

const command = z.strictObject({
  name: channelName.default('command'),
  /** Program and arguments; no shell. */
  command: z.tuple([z.string().startsWith('/', 'is not a whole path')], z.string()),
  timeout: duration.prefault('30s'),
});
export type CommandConfig = z.infer<typeof command>;

export const notify = z
  .strictObject({
    /** This hub, in messages; the machine's name unless said. */
    name: z.string().min(1).optional(),
    /** How long a trouble waits for others, so that they are told together. */
    group: duration.prefault('10m'),
    /** What stands unchanged is told again after this. */
    remind: duration.prefault('7d'),
    /** An agent that was not heard of for this long is silent. */
    agent_silent: duration.prefault('6h'),
    mail: z.array(mail).default([]),
    webhook: z.array(webhook).default([]),
    ntfy: z.array(ntfy).default([]),
    command: z.array(command).default([]),
  })
  .superRefine((given, context) => {
    const seen = new Set<string>();
    for (const kind of ['mail', 'webhook', 'ntfy', 'command'] as const) {
      for (const [index, { name }] of given[kind].entries()) {
        if (seen.has(name)) {
          context.addIssue({
            code: 'custom',
            path: [kind, index],
            message: `there is another channel '${name}'; give this one a \`name\` of its own`,
          });
        }
        seen.add(name);
      }
    }
  });
export type NotifyConfig = z.infer<typeof notify>;
