import { exitCodes, wrap, type ExitCode, type Terminal } from '@sixhub/base';
import { lint, unjudged, type Finding, type Unjudged } from '../domain/lint.js';
import { lints } from '../domain/lints/index.js';
import { loadHost, readEstateFile } from './load.js';
import { leftOut, lookedAt } from './looked.js';

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
  const told: Told[] = estate.complaints.map(({ line, text, remedy }) => ({
    ...{ id: 'description', severity: 'error', line, fact: text, remedy },
  }));
  const look = { root, kernel: !input.options['files-only'] };
  const notes: string[] = [];
  let silent: readonly Unjudged[] = [];
  // With no host understood there is nothing more to say than that.
  const looked = estate.hosts.length > 0 || told.length === 0;
  if (!looked) notes.push('No host of the file is understood yet: the machine was not looked at.');
  else {
    const { host, facts } = await loadHost(estate, config, input.options.host, look);
    for (const { path, ...finding } of lint(lints, host, facts)) {
      // What stands in for a line that is wrong itself is nobody's to judge.
      if (path !== undefined && estate.isDoubtful(['host', host.name, ...path])) continue;
      const place = path === undefined ? {} : { line: estate.lineOf(['host', host.name, ...path]) };
      told.push({ ...finding, ...place });
    }
    silent = unjudged(lints, facts);
    const limits = lookedAt(look, facts.kernel !== undefined);
    notes.push(...(limits === undefined ? [] : [limits]), ...leftOut(lints, facts, look));
  }
  const errors = told.some(({ severity }) => severity === 'error');
  if (input.json) {
    terminal.out(
      JSON.stringify({ config, looked: { ...look, machine: looked }, findings: told, silent }),
    );
  } else terminal.out(shown(told, notes, config, terminal));
  if (estate.complaints.length > 0) return exitCodes.usage;
  return errors ? exitCodes.failed : exitCodes.done;
}

function shown(
  told: readonly Told[],
  notes: readonly string[],
  config: string,
  terminal: Terminal,
): string {
  const width = terminal.outColumns ?? 100;
  const nothing = `Nothing to say against it${notes.length === 0 ? '' : ', as far as was looked'}.`;
  const findings = told.map(({ id, severity, line, fact, remedy, reason, clause }) =>
    [
      wrap(`${severity} ${line === undefined ? '' : `${config}:${line}: `}${fact}`, width, 2),
      ...(reason === undefined ? [] : [wrap(`  why: ${reason} [${clause}; ${id}]`, width, 7)]),
      wrap(`  do: ${remedy}`, width, 6),
    ].join('\n'),
  );
  return [
    ...(findings.length === 0 ? [nothing] : findings),
    ...notes.map((note) => wrap(`! ${note}`, width, 2)),
  ].join('\n');
}
