import { exitCodes, wrap, type ExitCode, type Terminal } from '@sixhub/base';
import { lint, type Finding } from '../domain/lint.js';
import { lints } from '../domain/lints/index.js';
import { loadHost, readEstateFile } from './load.js';

interface Options {
  readonly config: string;
  readonly host: string | undefined;
  readonly root: string;
  readonly 'files-only': boolean;
}

/** What a person reads, with its place in the file where it has one. */
interface Told {
  readonly id: string;
  readonly severity: Finding['severity'];
  readonly line?: number;
  readonly fact: string;
  readonly remedy: string;
  readonly reason?: string;
  readonly clause?: string;
}

export async function lintHost(
  input: { readonly options: Options; readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { config, root } = input.options;
  const estate = await readEstateFile(config);
  const told: Told[] = estate.complaints.map(({ line, text }) => ({
    ...{ id: 'description', severity: 'error', line, fact: text },
    remedy: 'Correct this line.',
  }));
  // With no host understood there is nothing more to say than that.
  const looked = estate.hosts.length > 0 || told.length === 0;
  if (looked) {
    const look = { root, kernel: !input.options['files-only'] };
    const { host, facts } = await loadHost(estate, config, input.options.host, look);
    for (const { path, ...finding } of lint(lints, host, facts)) {
      const place = path === undefined ? {} : { line: estate.lineOf(['host', host.name, ...path]) };
      told.push({ ...finding, ...place });
    }
  }
  const errors = told.some(({ severity }) => severity === 'error');
  if (input.json) terminal.out(JSON.stringify({ config, findings: told }));
  else
    terminal.out(told.length === 0 ? 'Nothing to say against it.' : shown(told, config, terminal));
  if (estate.complaints.length > 0) return exitCodes.usage;
  return errors ? exitCodes.failed : exitCodes.done;
}

function shown(told: readonly Told[], config: string, terminal: Terminal): string {
  const width = terminal.outColumns ?? 100;
  return told
    .map(({ id, severity, line, fact, remedy, reason, clause }) =>
      [
        wrap(`${severity} ${line === undefined ? '' : `${config}:${line}: `}${fact}`, width, 2),
        ...(reason === undefined ? [] : [wrap(`  why: ${reason} [${clause}; ${id}]`, width, 7)]),
        wrap(`  do:  ${remedy}`, width, 7),
      ].join('\n'),
    )
    .join('\n');
}
