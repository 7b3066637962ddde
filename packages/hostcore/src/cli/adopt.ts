import {
  exitCodes,
  runProgram,
  SixhubError,
  wrap,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { adopt, type Adopted, type Circumstances } from '../adopt/adopt.js';
import { readSaid } from '../adopt/managers.js';
import { survey } from '../adopt/survey.js';
import { readEstate, sha256 } from '../config/read-estate.js';
import type { Kernel } from '../domain/facts.js';
import { lostAskers } from '../domain/plan/askers.js';
import { setAside } from '../domain/plan/set-aside.js';
import { readKernel } from '../facts/kernel.js';
import { readMachine, type Machine } from '../facts/machine.js';
import { readNeighbours } from '../facts/neighbours.js';
import { refuseUnlessFree, writeDescription } from './description-file.js';
import { lookedAt } from './looked.js';

interface Options {
  readonly config: string;
  readonly root: string;
  readonly 'files-only': boolean;
  readonly print: boolean;
  readonly force: boolean;
}

export async function adoptHost(
  input: { readonly options: Options; readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { config, root, print, force } = input.options;
  await refuseUnlessFree(
    config,
    print || force,
    'Use --print to see what would be written, or --force to replace it.',
  );
  const look = { root, kernel: !input.options['files-only'] };
  const { found, machine, kernel } = await adoptFrom(root, look.kernel);
  const limits = lookedAt(look, kernel !== undefined);
  const { complaints } = readEstate(config, found.toml);
  const unread = notTaken(found, found.toml, machine, kernel);
  if (!print) {
    await writeDescription(config, found.toml);
  }
  if (input.json) {
    terminal.out(
      JSON.stringify({
        host: found.name,
        looked: look,
        toml: found.toml,
        assumed: found.assumed,
        unread,
        complaints,
      }),
    );
  } else {
    if (print) terminal.out(found.toml.trimEnd());
    else terminal.out(`Wrote ${config}. \`hostcore lint\` and \`hostcore plan\` come next.`);
    if (limits !== undefined) terminal.err(wrap(limits, terminal.errColumns ?? 100, 2));
    tell(found, unread, terminal);
    for (const { line, text, remedy } of complaints) {
      terminal.err(`to be corrected, line ${line}: ${text}. ${remedy}`);
    }
  }
  return complaints.length > 0 ? exitCodes.waiting : exitCodes.done;
}

/** What the readers had no place for, and what the description has none for: it would be lost with the files that go. */
export function notTaken(
  found: Adopted,
  toml: string,
  machine: Machine,
  kernel: Kernel | undefined,
): Adopted['unread'] {
  const unreadable = machine.unreadable.map((path) => ({
    ...{ path, line: undefined, text: path },
    why: 'it could not be read',
  }));
  const [host] = readEstate('host.toml', toml).hosts;
  const { files } = machine;
  const gone =
    host === undefined
      ? []
      : setAside(host, { files, kernel, said: readSaid(files, kernel) }, sha256);
  const asked = host === undefined ? [] : lostAskers(host, { files });
  const lost = [
    ...gone.flatMap(({ path, lost }) => lost.map((one) => ({ path, ...one }))),
    ...asked.map((one) => ({ path: '/etc/bind/named.conf.options', ...one })),
  ];
  const told = new Set(found.unread.map(placed));
  return [...unreadable, ...found.unread, ...lost.filter((one) => !told.has(placed(one)))];
}

function placed({ path, line, text }: Adopted['unread'][number]): string {
  return `${path}:${line} ${text}`;
}

export function tell(
  { assumed }: Pick<Adopted, 'assumed'>,
  unread: Adopted['unread'],
  terminal: Terminal,
): void {
  const width = terminal.errColumns ?? 100;
  for (const one of assumed) terminal.err(wrap(`assumed: ${one}`, width, 2));
  for (const { path, line, text, why, kept } of unread) {
    const place = line === undefined ? path : `${path}:${line}`;
    terminal.err(
      wrap(
        `${kept === true ? 'taken in another form' : 'not taken'}: ${place}: ${text === path ? '' : `${text}: `}${why}`,
        width,
        2,
      ),
    );
  }
}

export async function adoptFrom(
  root: string,
  withKernel: boolean,
): Promise<{ found: Adopted; machine: Machine; kernel: Kernel | undefined }> {
  const machine = await readMachine(root, []);
  const kernel = withKernel
    ? await readKernel({
        run: runProgram,
        sysctls: [],
        ourTables: [],
        rulesFile: undefined,
        sshConnection: undefined,
      })
    : undefined;
  const around: Circumstances = {
    hostname: machine.hostname,
    release: machine.release,
    domain: domainOf(machine),
    neighbours: withKernel ? await readNeighbours(runProgram) : new Map(),
    cardMac: (device) => kernel?.devices.find(({ name }) => name === device)?.mac,
  };
  const surveyed = survey(machine.files, kernel);
  const found = adopt(surveyed, around);
  if (found !== undefined) return { found, machine, kernel };
  throw new SixhubError({
    code: 'nothing-to-adopt',
    fact: `no device with a router was found in ${root === '/' ? '/etc' : `${root}/etc`}${withKernel ? ', nor in the kernel' : ' (the kernel was left out: --files-only)'}`,
    hint: [
      'Looked at: /etc/netplan, /etc/systemd/network, /etc/network/interfaces.',
      ...surveyed.unread
        .slice(0, 5)
        .map(({ path, line, text, why }) => `${path}:${line ?? 1}: ${text}: ${why}`),
      '`hostcore init` asks instead.',
    ].join('\n'),
    exit: exitCodes.failed,
  });
}

/** The domain of the host's whole name in /etc/hosts or /etc/hostname. */
function domainOf({ hostname, files }: Machine): string | undefined {
  if (hostname === undefined) return undefined;
  const whole = files.get('/etc/hostname')?.trim() ?? '';
  if (whole.startsWith(`${hostname}.`)) return whole.slice(hostname.length + 1);
  const words = (files.get('/etc/hosts') ?? '').replaceAll(/#.*$/gm, '').split(/\s+/);
  const found = words.find((word) => word.startsWith(`${hostname}.`))?.slice(hostname.length + 1);
  return found !== undefined && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(found) ? found : undefined;
}
