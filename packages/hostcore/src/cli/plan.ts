import { exitCodes, painter, wrap, type ExitCode, type Paint, type Terminal } from '@sixhub/base';
import type { Estate } from '../config/read-estate.js';
import { sha256 } from '../config/read-estate.js';
import { formatAddress } from '../domain/ip-address.js';
import { lint } from '../domain/lint.js';
import { lints } from '../domain/lints/index.js';
import type { FileChange } from '../domain/plan/files.js';
import type { KernelChange } from '../domain/plan/kernel-change.js';
import { isEmpty, makePlan, type Plan } from '../domain/plan/plan.js';
import type { ServiceStep } from '../domain/plan/services.js';
import { describeFate, type SessionFate } from '../domain/plan/session.js';
import { loadHost, readSoundEstate, type Loaded, type Look } from './load.js';
import { lookedAt } from './looked.js';

interface Options {
  readonly config: string;
  readonly host: string | undefined;
  readonly root: string;
  readonly 'files-only': boolean;
}

export async function planHost(
  input: { readonly options: Options; readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { config, root } = input.options;
  const estate = await readSoundEstate(config);
  const look = { root, kernel: !input.options['files-only'] };
  const loaded = await loadHost(estate, config, input.options.host, look);
  const plan = makePlan(loaded.host, loaded.rendered, loaded.facts, sha256);
  if (input.json)
    terminal.out(JSON.stringify(asJson(plan, loaded, look, errorsOf(loaded, estate))));
  else terminal.out(asText(plan, loaded, { estate, look }, terminal));
  return plan.files.some(({ edited }) => edited) ? exitCodes.waiting : exitCodes.done;
}

function asJson(
  plan: Plan,
  { host, facts, unreadable }: Loaded,
  look: Look,
  errors: readonly PlanError[],
): object {
  return {
    host: host.name,
    empty: isEmpty(plan),
    errors,
    root: look.root,
    kernelSeen: facts.kernel !== undefined,
    rulesSeen: facts.kernel?.rules?.wanted !== undefined,
    ...{ unreadable, packages: plan.packages, users: plan.users },
    files: plan.files.map(fileJson),
    kernel: plan.kernel.map(kernelJson),
    services: plan.services,
    session: sessionJson(plan.session),
  };
}

function fileJson({ path, action, edited, why, diff, lost, mode }: FileChange): object {
  const own = mode === undefined ? {} : { mode: mode.toString(8).padStart(4, '0') };
  return { path, action, edited, why, diff, ...own, ...(lost === undefined ? {} : { lost }) };
}

function kernelJson({ kind, action, subject, why, command, device }: KernelChange): object {
  return { kind, action, subject, why, command, ...(device === undefined ? {} : { device }) };
}

function sessionJson(fate: SessionFate): object {
  if (fate.kind === 'none') return { kind: fate.kind };
  const by = 'by' in fate ? fate.by.map(({ subject, command }) => ({ subject, command })) : [];
  return { kind: fate.kind, address: formatAddress(fate.address), by };
}

function asText(
  plan: Plan,
  loaded: Loaded,
  { estate, look }: { readonly estate: Estate; readonly look: Look },
  terminal: Terminal,
): string {
  const paint = painter(terminal.colour?.out === true);
  const width = terminal.outColumns ?? 100;
  const { host, facts, unreadable } = loaded;
  const limits = lookedAt(look, facts.kernel !== undefined);
  const errors = errorsOf(loaded, estate);
  const notes = [
    ...errors.map(({ line, fact, remedy }) =>
      [`error${line === undefined ? '' : ` (host.toml line ${line})`}: ${fact}.`, remedy].join(' '),
    ),
    ...(errors.length > 0 ? ['`hostcore lint` says why, and what else it finds.'] : []),
    ...(limits === undefined ? [] : [limits]),
    ...(facts.kernel !== undefined && facts.kernel.rules === undefined
      ? ['The rules of the kernel could not be read: run this as root, with nftables installed.']
      : []),
    ...(unreadable.length > 0 ? [`Could not be read: ${unreadable.join(', ')}`] : []),
  ].map((note) => wrap(`! ${note}`, width, 2));
  if (isEmpty(plan)) return [...notes, `${host.name} is as host.toml has it.`].join('\n');
  const edited = plan.files.filter((file) => file.edited);
  return [
    wrap(summary(plan, host.name), width, 2),
    ...notes,
    ...editedText(edited, width),
    ...lossText(plan.files, width),
    ...section('Packages', packageLines(plan, width)),
    ...section(
      'Users',
      plan.users.map((user) => `  adduser ${user} libvirt`),
    ),
    ...section(
      'Files',
      plan.files.flatMap((file) => fileText(file, paint, width)),
    ),
    ...section(
      'Kernel',
      plan.kernel.flatMap((change) => kernelText(change, paint, width)),
    ),
    ...section(
      'Services',
      plan.services.filter((step) => !comesFirst(plan, step)).map((step) => stepText(step, width)),
    ),
    '',
    ...sessionText(plan.session, host.name, estate, width),
    'Nothing has been changed.',
  ]
    .join('\n')
    .trimStart();
}

/** A unit is masked before its package starts it. */
function comesFirst({ packages }: Plan, { command }: ServiceStep): boolean {
  return packages.some(({ name }) => command === `systemctl mask --now ${name}.service`);
}

function packageLines(plan: Plan, width: number): readonly string[] {
  if (plan.packages.length === 0) return [];
  return [
    ...plan.services.filter((step) => comesFirst(plan, step)).map((step) => stepText(step, width)),
    `  apt install ${plan.packages.map(({ name }) => name).join(' ')}`,
  ];
}

function stepText({ command, what }: ServiceStep, width: number): string {
  return wrap(`  ${command}: ${what}`, width, 4);
}

interface PlanError {
  readonly id: string;
  readonly line?: number;
  readonly fact: string;
  readonly remedy: string;
}

/** What would not work, or cut the host off: nobody should have to ask for it with another command. */
function errorsOf({ host, facts }: Loaded, estate: Estate): readonly PlanError[] {
  return lint(lints, host, facts)
    .filter(({ severity }) => severity === 'error')
    .map(({ id, fact, remedy, path }) => ({
      ...{ id, fact, remedy },
      ...(path === undefined ? {} : { line: estate.lineOf(['host', host.name, ...path]) }),
    }));
}

function summary({ files, kernel, services, session }: Plan, name: string): string {
  const counted = (count: number, one: string, many: string): readonly string[] =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  const what = [
    ...counted(files.length, 'file', 'files'),
    ...counted(kernel.length, 'change in the kernel', 'changes in the kernel'),
    ...counted(services.length, 'service command', 'service commands'),
  ].join(', ');
  const fate = session.kind === 'none' ? '' : `; this SSH session is ${session.kind}`;
  return `${name} would need ${what || 'packages or users'}${fate}.`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function editedText(edited: readonly FileChange[], width: number): readonly string[] {
  if (edited.length === 0) return [];
  return [
    wrap(
      `! Edited by hand since hostcore made them: ${edited.map(({ path }) => path).join(', ')}. The lines with - below are what would be lost. Put what you need of them into host.toml, or move the file away.`,
      width,
      2,
    ),
  ];
}

function lossText(files: readonly FileChange[], width: number): readonly string[] {
  const count = files.reduce((sum, { lost = [] }) => sum + lost.length, 0);
  if (count === 0) return [];
  const what = count === 1 ? 'One thing is' : `${count} things are`;
  return [
    wrap(
      `! ${what} lost with files that are replaced or go out of the way: see \`lost\` below.`,
      width,
      2,
    ),
  ];
}

/** Not a diff: other words for the same are no loss. */
function lostLines({ lost }: FileChange, paint: Paint, width: number): readonly string[] {
  if (lost === undefined) return [];
  if (lost.length === 0) return ['    nothing is lost with it: host.toml has what it says'];
  return lost.map(({ line, text, why }) => {
    const place = line === undefined ? '' : `line ${line}: `;
    return wrap(`    ${paint('red', 'lost')} ${place}${text}: ${why}`, width, 9);
  });
}

const fileWords: Readonly<Record<FileChange['action'], string>> = {
  create: 'new',
  change: 'change',
  replace: 'replace (not made by hostcore; the old one is kept beside)',
  remove: 'remove',
  'set-aside': 'set aside',
};

function fileText(file: FileChange, paint: Paint, width: number): readonly string[] {
  const { path, action, edited, why, mode = 0o644 } = file;
  // The usual one is not worth a word.
  const own = mode === 0o644 ? '' : `, mode ${mode.toString(8)}`;
  // To copy from, not to be believed: `hostcore render PATH` shows one.
  const copied = action === 'create' && path.startsWith('/etc/sixhub/guests/');
  const diff = copied ? [] : file.diff;
  return [
    `  ${paint('bold', path)}: ${fileWords[action]}${own}${edited ? ', EDITED BY HAND' : ''}`,
    wrap(`    ${why}`, width, 4),
    ...lostLines(file, paint, width),
    ...diff.map((line) => `    ${coloured(line, paint)}`),
    ...(edited && file.diff.length === 0
      ? ['    its first lines alone, by which hostcore knows it as its own: nothing else differs']
      : []),
  ];
}

function coloured(line: string, paint: Paint): string {
  if (line.startsWith('+')) return paint('green', line);
  return line.startsWith('-') ? paint('red', line) : line;
}

const signs = { add: '+', remove: '-', set: '~' } as const;

function kernelText(
  { action, kind, subject, why }: KernelChange,
  paint: Paint,
  width: number,
): readonly string[] {
  const line = `${signs[action]} ${kind} ${subject}`;
  return [`  ${coloured(line, paint)}`, wrap(`      ${why}`, width, 6)];
}

function sessionText(
  fate: SessionFate,
  host: string,
  estate: Estate,
  width: number,
): readonly string[] {
  const by = 'by' in fate ? fate.by : [];
  return [
    wrap(describeFate(fate), width, 2),
    ...by.map((change) => {
      const line = estate.lineOf(['host', host, ...keyOf(change)]);
      return wrap(
        `  ${signs[change.action]} ${change.kind} ${change.subject} (host.toml line ${line})`,
        width,
        4,
      );
    }),
  ];
}

/** Which key of host.toml decides it. */
function keyOf({ kind, address, route }: KernelChange): readonly string[] {
  if (kind === 'link') return ['uplink', 'mode'];
  const family = address?.family ?? route?.to.family ?? 6;
  return [family === 6 ? 'ipv6' : 'ipv4', kind === 'route' ? 'gateway' : 'address'];
}
