import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  exitCodes,
  programFailure,
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
import { dropInFor, lackingRights } from '../domain/write-rights.js';
import { openTree } from '../live/tree.js';
import { detectServices } from '../services/detect.js';
import { configurationReader } from '../services/readers.js';
import { stateStore } from '../state/store.js';
import { isInPlace, putInPlace, usualUnits } from '../units/drop-in.js';
import { machineFiles, readMachine, systemdRuns } from './machine.js';

interface Input {
  readonly options: {
    readonly config: string;
    readonly write: boolean;
    readonly units: string | undefined;
  };
  readonly json: boolean;
}

/**
 * Reads the services' own configurations; changes nothing but agent.toml and what the units may write, and that only where
 * it is told to.
 */
export async function detect({ options, json }: Input, terminal: Terminal): Promise<ExitCode> {
  const machine = await readMachine(options.config);
  const services = await detectServices({
    read: configurationReader({ run: runProgram, files: machineFiles }),
    tree: await openTree(machine.live, systemClock, machine.keepings),
    services: machine.services,
    wanted: (await stateStore(machine.state).readManifest())?.manifest.certificates ?? [],
  });
  const tables = services.flatMap((service) => missingTable(service) ?? []);
  const rights = await unitRights(options, machine);
  terminal.out(
    json
      ? JSON.stringify({
          services: services.map(asJson),
          agentToml: tables.join('\n'),
          units: rights === undefined ? null : { paths: rights.paths, current: rights.isCurrent },
        })
      : inWords(services, machine, terminal.outColumns),
  );
  if (options.write) {
    if (tables.length > 0) {
      await add(options.config, tables);
      terminal.err(`written to ${options.config}; hub-agent run --now proves it`);
    }
    if (rights?.isCurrent === false) await change(rights, terminal);
  } else if (!json) {
    if (tables.length > 0) {
      terminal.out(
        `\n${options.config} lacks (hub-agent detect --write adds it):\n\n${tables.join('\n')}`,
      );
    }
    if (rights?.isCurrent === false) {
      terminal.out(`\n${lackInWords(rights)} (hub-agent detect --write mends it)`);
    }
  }
  return exitCodes.done;
}

interface UnitRights {
  readonly directory: string;
  readonly paths: readonly string[];
  readonly dropIn: string | undefined;
  readonly isCurrent: boolean;
}

/** Undefined where there are no units that would need them. */
async function unitRights(
  { units, config }: Input['options'],
  machine: AgentConfig,
): Promise<UnitRights | undefined> {
  const directory = units ?? (systemdRuns() ? usualUnits : undefined);
  if (directory === undefined) return undefined;
  const lacking = lackingRights(machine);
  const dropIn = dropInFor(lacking, config);
  return {
    ...{ directory, dropIn, paths: lacking.paths },
    isCurrent: await isInPlace(directory, dropIn),
  };
}

function lackInWords({ paths }: UnitRights): string {
  return paths.length === 0
    ? 'the units may write more than agent.toml asks for'
    : `the units may not write to ${paths.join(', ')}, as agent.toml asks`;
}

/** systemd learns of it; a run that is at work ends as it began. */
async function change(rights: UnitRights, terminal: Terminal): Promise<void> {
  await putInPlace(rights.directory, rights.dropIn);
  const told = rights.paths.length === 0 ? 'nothing more' : rights.paths.join(', ');
  terminal.err(`written to ${rights.directory}: the units may write to ${told}`);
  if (rights.directory !== usualUnits) return; // not those of the systemd that runs here
  for (const words of [['daemon-reload'], ['try-restart', 'sixhub-agent-watch.service']]) {
    const failure = programFailure(await runProgram('systemctl', words));
    if (failure !== undefined) terminal.err(`systemctl ${words.join(' ')}: ${failure}`);
  }
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
