import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  exitCodes,
  runProgram,
  systemClock,
  systemCode,
  wrap,
  writeWhole,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import type { AgentConfig } from '../config/agent-toml.js';
import {
  adviceOn,
  adviceOnPair,
  missingTable,
  newCertificates,
  usedFiles,
  type DetectedService,
  type UsedFile,
} from '../domain/detected.js';
import { openTree } from '../live/tree.js';
import { detectServices } from '../services/detect.js';
import { configurationReader } from '../services/readers.js';
import { stateStore } from '../state/store.js';
import { machineFiles, readMachine } from './machine.js';

interface Input {
  readonly options: { readonly config: string; readonly write: boolean };
  readonly json: boolean;
}

/** Reads the services' own configurations; changes nothing but agent.toml, and that only where it is told to. */
export async function detect({ options, json }: Input, terminal: Terminal): Promise<ExitCode> {
  const machine = await readMachine(options.config);
  const services = await detectServices({
    read: configurationReader({ run: runProgram, files: machineFiles }),
    tree: await openTree(machine.live, systemClock, machine.keepings),
    services: machine.services,
    wanted: (await stateStore(machine.state).readManifest())?.manifest.certificates ?? [],
  });
  const tables = services.flatMap((service) => missingTable(service) ?? []);
  terminal.out(
    json
      ? JSON.stringify({ services: services.map(asJson), agentToml: tables.join('\n') })
      : inWords(services, machine, terminal.outColumns),
  );
  if (tables.length === 0) return exitCodes.done;
  if (options.write) {
    await add(options.config, tables);
    terminal.err(`written to ${options.config}; hub-agent run --now proves it`);
  } else if (!json) {
    terminal.out(
      `\n${options.config} lacks (hub-agent detect --write adds it):\n\n${tables.join('\n')}`,
    );
  }
  return exitCodes.done;
}

async function add(file: string, tables: readonly string[]): Promise<void> {
  const before = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return '';
  });
  const gap = before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n';
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, `${before}${gap}${tables.join('\n')}`, { mode: 0o644 });
}

function inWords(
  services: readonly DetectedService[],
  { live }: AgentConfig,
  columns: number | undefined,
): string {
  if (services.length === 0) {
    return 'none of the services that hub-agent can read is installed here: Apache, nginx, Postfix, Dovecot, HAProxy, Exim';
  }
  const width = columns ?? Infinity;
  return services
    .map((service) => [headOf(service), ...bodyOf(service, live, width)].join('\n'))
    .join('\n\n');
}

function headOf(service: DetectedService): string {
  const { name, kind, known, found } = service;
  const title = name === kind ? name : `${name} (${kind})`;
  if (found.kind === 'unread') return title;
  const lacking = newCertificates(service);
  if (known === undefined) return `${title}: not in agent.toml`;
  return lacking.length === 0
    ? `${title}: in agent.toml`
    : `${title}: in agent.toml, without ${lacking.join(', ')}; add to its \`certificates\``;
}

function bodyOf(service: DetectedService, live: string, width: number): readonly string[] {
  const { found } = service;
  if (found.kind === 'unread') return [wrap(`  can't be read: ${found.why}`, width, 4)];
  const files = usedFiles(service);
  if (files.length === 0) return ['  uses no certificate'];
  const now = systemClock.now();
  return files.flatMap((file) => {
    const advice = [adviceOn(file, live, now), adviceOnPair(service, file)];
    return [
      wrap(`  ${file.file}: ${factsInWords(file)}`, width, 4),
      wrap(`    at ${file.shownAt.join(', ')} (${file.where.join(', ')})`, width, 6),
      ...advice.flatMap((one) => (one === undefined ? [] : [wrap(`    ${one}`, width, 6)])),
    ];
  });
}

function factsInWords({ facts, origin }: UsedFile): string {
  if (facts.kind === 'unreadable') return `can't be read (${facts.why})`;
  const whose = { ours: 'kept by hub-agent', foreign: 'not ours', elsewhere: 'not from the hub' };
  const until = facts.notAfter.toISOString().slice(0, 10);
  return `${facts.names.join(', ')}; until ${until}; ${whose[origin.kind]}`;
}

function asJson(service: DetectedService): unknown {
  const { kind, name, known, found } = service;
  return {
    ...{ kind, name, inAgentToml: known !== undefined, certificates: known ?? [] },
    ...(found.kind === 'unread'
      ? { unread: found.why }
      : {
          files: usedFiles(service).map(({ file, facts, origin, shownAt, where }) => ({
            ...{ file, shownAt, where },
            ...(facts.kind === 'unreadable'
              ? { unreadable: facts.why }
              : { names: facts.names, notAfter: facts.notAfter.toISOString() }),
            origin: origin.kind,
            certificate: origin.kind === 'elsewhere' ? null : origin.certificate,
            better: origin.kind === 'elsewhere' ? (origin.better ?? null) : null,
          })),
          lacking: newCertificates(service),
        }),
  };
}
