import { z } from 'zod';
import { Network } from '../domain/network.js';
import { parseListenAddress } from '../domain/listen-address.js';

/** The Go program's file, and beside its keys ours. Unknown keys are refused, with the nearest known one. */

const listenEntry = z
  .string()
  .refine(
    (text) => parseListenAddress(text) !== undefined,
    'is no address with a port, like [2001:db8::1]:53',
  );

const network = z
  .string()
  .refine(
    (text) => Network.parseLoose(text) !== undefined,
    'is no address and no network, like 192.0.2.0/24',
  );

const port = z
  .union([z.int(), z.string().regex(/^\d+$/).transform(Number)])
  .refine((number) => number >= 0 && number <= 65_535, 'is no port (0 to 65535)');

const general = z.strictObject({
  listen: z.union([listenEntry, z.array(listenEntry).min(1)]),
  protocol: z
    .enum(['both', 'both4', 'both6', 'udp', 'udp4', 'udp6', 'tcp', 'tcp4', 'tcp6'])
    .default('both'),
  domain: z.string(),
  nsname: z.string(),
  nsadmin: z.string(),
  records: z.array(z.string()).default([]),
  debug: z.boolean().optional(),
  txt_limit: z.int().min(1).max(64).optional(),
});

const database = z.strictObject({
  engine: z.enum(['sqlite', 'sqlite3'], {
    error: ({ input }) =>
      input === 'postgres'
        ? 'PostgreSQL is not served here. Copy its tables into an SQLite file (docs/acme-dns.md shows how), then set engine = "sqlite3" and connection to that file'
        : 'must be "sqlite3" (or "sqlite", the same)',
  }),
  /** The Go program's driver also takes `file:PATH?OPTIONS`; its options mean nothing here. */
  connection: z
    .string()
    .min(1, 'names no file')
    .transform((text) => (text.startsWith('file:') ? text.slice(5).replace(/\?.*$/s, '') : text)),
});

const api = z.strictObject({
  ip: z.union([z.string(), z.array(z.string()).min(1)]).default('127.0.0.1'),
  port,
  disable_registration: z.boolean().default(false),
  registration: z.enum(['open', 'guarded', 'off']).optional(),
  registration_from: z.array(network).default([]),
  registration_tokens: z.array(z.string().min(20, 'must have 20 characters or more')).default([]),
  registrations_per_minute: z.int().min(0).default(60),
  tls: z.enum(['none', 'cert', 'letsencrypt', 'letsencryptstaging', 'acme']).default('none'),
  tls_cert_privkey: z.string().default(''),
  tls_cert_fullchain: z.string().default(''),
  acme_directory: z.url().optional(),
  acme_root: z.string().optional(),
  acme_cache_dir: z.string().optional(),
  notification_email: z.string().default(''),
  corsorigins: z.array(z.string()).default([]),
  use_header: z.boolean().default(false),
  header_name: z.string().default('X-Forwarded-For'),
  trusted_proxies: z.array(network).default([]),
  autocert_port: z.string().optional(),
  api_domain: z.string().optional(),
  hsts_enabled: z.boolean().optional(),
  hsts_max_age: z.int().optional(),
  hsts_include_subdomains: z.boolean().optional(),
  hsts_preload: z.boolean().optional(),
});

const logconfig = z.strictObject({
  loglevel: z.enum(['error', 'warning', 'warn', 'info', 'debug']).default('info'),
  logtype: z.enum(['stdout', 'file', 'both']).default('stdout'),
  logfile: z.string().optional(),
  logformat: z.enum(['json', 'text']).default('json'),
});

const limits = z.strictObject({
  responses_per_second: z.int().min(0).default(200),
  slip: z.int().min(1).max(10).default(2),
  exempt: z.array(network).default(['127.0.0.0/8', '::1/128']),
});

const values = z.strictObject({
  rolling: z.int().min(1).max(64).optional(),
  lifetime: z
    .string()
    .regex(/^(\d+[smhd])+$/, 'is no time, like 7d or 36h')
    .default('7d'),
});

const metrics = z.strictObject({ listen: z.union([listenEntry, z.array(listenEntry).min(1)]) });

export const configSchema = z.strictObject({
  general,
  database,
  api,
  logconfig: logconfig.prefault({}),
  limits: limits.prefault({}),
  values: values.prefault({}),
  metrics: metrics.optional(),
});

export type Config = z.infer<typeof configSchema>;
