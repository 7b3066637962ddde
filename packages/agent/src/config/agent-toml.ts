import { readFile } from 'node:fs/promises';
import { errorText, exitCodes, parseDuration, SixhubError, systemCode } from '@sixhub/base';
import { parseConfig, type ConfigSchema } from '@sixhub/base/config';
import { certificateName } from '@sixhub/protocol';
import * as z from 'zod';
import { parseEndpoint, protocols } from '@sixhub/wire';
import type { Keeping } from '../domain/keeping.js';
import { serviceKinds, type Argv, type Service } from '../domain/service.js';
import { kindRow, programsOf, type NamedPrograms } from '../services/kinds.js';
import { readAccounts, type Accounts } from './accounts.js';
import { asKeeping, certificateTable, ownDirectories, tableFaults } from './certificate-table.js';
import { usualConfigFile } from './usual-file.js';

/** /etc/sixhub/agent.toml: all that the hub can make this machine do stands here, and nothing else can be done. */
export interface AgentConfig {
  /** Identity, and what runs leave for each other. */
  readonly state: string;
  readonly live: string;
  /** Where hostcore leaves how the physical host is, if this is one. */
  readonly hostStatus: string;
  readonly services: readonly Service[];
  /** How certificates are kept here; of one that is not among them agent.toml says nothing. */
  readonly keepings: readonly Keeping[];
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
    message: `'${text}' is no address with a port; write it like "[::1]:443" or "smtp://192.0.2.1:2525" (${protocols.join(', ')})`,
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
  'host-status': path.default('/var/lib/sixhub-hostcore/status.json'),
  certificate: z.array(certificateTable).default([]),
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
        configuration: path.optional(),
        connect: z.array(endpoint).min(1, 'has no address to connect to').optional(),
        names: z.array(z.hostname('is no host name')).optional(),
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
        const refuse = (message: string): void => {
          context.issues.push({ code: 'custom', input: entry, path: [index], message });
        };
        if (seen.has(name)) {
          refuse(`there are two services named '${name}'; give one of them a name of its own`);
        }
        seen.add(name);
        if (entry.kind === 'generic' && (entry.reload === undefined || entry.connect === undefined))
          refuse(`a generic service needs 'reload' and 'connect': nothing is known of it`);
        if (entry.names !== undefined && entry.connect === undefined) {
          refuse(
            `'names' goes with 'connect'; without, both are read from the service's own configuration`,
          );
        }
      });
    }),
});

type Entry = z.infer<typeof schema>['service'][number];

/** The schema with what only this machine knows: its accounts, and where the agent's own directories are. */
function schemaFor(accounts: Accounts): ConfigSchema<z.infer<typeof schema>> {
  return schema.check(({ value, issues }) => {
    const own = ownDirectories(value.live, value.state);
    for (const { path: below, message } of tableFaults(value.certificate, own, accounts)) {
      issues.push({ code: 'custom', input: value, path: ['certificate', ...below], message });
    }
  });
}

export function parseAgentConfig(
  file: string,
  text: string,
  systemdRuns: boolean,
  accounts: Accounts,
): AgentConfig {
  const {
    service,
    certificate,
    'host-status': hostStatus,
    ...paths
  } = parseConfig(file, text, schemaFor(accounts));
  const services = service.flatMap((entry): readonly Service[] => {
    const { kind, certificates, configuration, connect, names = [], grace } = entry;
    const programs = programsOf(kind, namedBy(entry), systemdRuns);
    if (programs === undefined) return []; // refused by the schema already
    const graceMs = grace ?? kindRow(kind).graceMs;
    const name = entry.name ?? kind;
    return [{ name, kind, certificates, configuration, connect, names, ...programs, graceMs }];
  });
  return {
    ...paths,
    hostStatus,
    services,
    keepings: certificate.map((table) => asKeeping(table, accounts)),
  };
}

function namedBy({ configuration, check, reload, revive }: Entry): NamedPrograms {
  return {
    ...(configuration === undefined ? {} : { configuration }),
    ...(check === undefined ? {} : { check }),
    ...(reload === undefined ? {} : { reload }),
    ...(revive === undefined ? {} : { revive }),
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
  return parseAgentConfig(file, text, systemdRuns, await readAccounts());
}
