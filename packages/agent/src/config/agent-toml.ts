import { readFile } from 'node:fs/promises';
import { errorText, exitCodes, parseDuration, SixhubError, systemCode } from '@sixhub/base';
import { parseConfig } from '@sixhub/base/config';
import { certificateName } from '@sixhub/protocol';
import { z } from 'zod';
import { parseEndpoint } from '../domain/endpoint.js';
import { serviceKinds, type Argv, type Service } from '../domain/service.js';
import { kindRow, programsOf } from '../services/kinds.js';
import { usualConfigFile } from './usual-file.js';

/** /etc/sixhub/agent.toml: all that the hub can make this machine do stands here, and nothing else can be done. */
export interface AgentConfig {
  /** Identity, and what runs leave for each other. */
  readonly state: string;
  readonly live: string;
  readonly services: readonly Service[];
}

const path = z.string().regex(/^\//, 'must be a whole path, from / on');
const argv = z
  .array(z.string().min(1, 'a word of a command is empty'))
  .min(1, 'names no program')
  .transform(([file, ...args]): Argv => [file ?? '', ...args]);
const endpoint = z.string().transform((text, context) => {
  const parsed = parseEndpoint(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({
    code: 'custom',
    message: `'${text}' is no address with a port; write it like "[::1]:443" or "192.0.2.1:443"`,
  });
  return z.NEVER;
});
const grace = z.string().transform((text, context) => {
  const parsed = parseDuration(text);
  if (parsed !== undefined && parsed <= 600_000) return parsed;
  context.addIssue({
    code: 'custom',
    message: `'${text}' is no time up to ten minutes; write it like "10s"`,
  });
  return z.NEVER;
});

const schema = z.strictObject({
  state: path.default('/var/lib/sixhub-agent'),
  live: path.default('/etc/letsencrypt/live'),
  service: z
    .array(
      z.strictObject({
        kind: z.enum(serviceKinds, {
          error: `is no kind of service; known: ${serviceKinds.join(', ')}`,
        }),
        name: z
          .string()
          .regex(
            /^[a-z0-9][a-z0-9@._-]{0,63}$/,
            'is no service name: lower-case letters, digits, @._-',
          )
          .optional(),
        certificates: z.array(certificateName).min(1, 'names no certificate'),
        connect: z.array(endpoint).min(1, 'has no address to connect to').optional(),
        names: z.array(z.hostname('is no host name')).default([]),
        check: argv.optional(),
        reload: argv.optional(),
        revive: argv.optional(),
        grace: grace.optional(),
      }),
    )
    .default([])
    .check((context) => {
      const seen = new Set<string>();
      context.value.forEach((entry, index) => {
        const name = entry.name ?? entry.kind;
        if (seen.has(name)) {
          context.issues.push({
            code: 'custom',
            input: entry,
            path: [index],
            message: `there are two services named '${name}'; give one of them a name of its own`,
          });
        }
        seen.add(name);
      });
    }),
});

export function parseAgentConfig(file: string, text: string, systemdRuns: boolean): AgentConfig {
  const { service, ...paths } = parseConfig(file, text, schema);
  const services = service.map((entry): Service => {
    const row = kindRow(entry.kind);
    const { kind, certificates, names } = entry;
    return {
      name: entry.name ?? kind,
      kind,
      certificates,
      names,
      connect: entry.connect ?? row.connect.flatMap((usual) => parseEndpoint(usual) ?? []),
      ...programsOf(kind, given(entry), systemdRuns),
      graceMs: entry.grace ?? row.graceMs,
    };
  });
  return { ...paths, services };
}

function given(entry: {
  readonly check?: Argv | undefined;
  readonly reload?: Argv | undefined;
  readonly revive?: Argv | undefined;
}): Parameters<typeof programsOf>[1] {
  return {
    ...(entry.check === undefined ? {} : { check: entry.check }),
    ...(entry.reload === undefined ? {} : { reload: entry.reload }),
    ...(entry.revive === undefined ? {} : { revive: entry.revive }),
  };
}

/** Without any file at the usual place the defaults hold: certificates are installed, no service is reloaded. */
export async function readAgentConfig(file: string, systemdRuns: boolean): Promise<AgentConfig> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (file === usualConfigFile && systemCode(error) === 'ENOENT') return '';
    throw new SixhubError({
      code: 'config-unreadable',
      fact: `the configuration ${file} can't be read: ${errorText(error)}`,
      hint: 'Name the right file with --config, and run hub-agent as root.',
      exit: exitCodes.usage,
      cause: error,
    });
  });
  return parseAgentConfig(file, text, systemdRuns);
}
