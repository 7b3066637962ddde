import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  errorText,
  exitCodes,
  nearest,
  SixhubError,
  systemCode,
  usageError,
  writeWhole,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { sha256 } from '../config/read-estate.js';
import { ownership } from '../domain/origin.js';
import { withBlock } from '../domain/plan/files.js';
import { render } from '../render/render.js';
import { chooseHost, readSoundEstate } from './load.js';

export async function renderFiles(
  input: {
    readonly operands: readonly string[];
    readonly options: {
      readonly config: string;
      readonly host: string | undefined;
      readonly output: string | undefined;
      readonly force: boolean;
    };
    readonly json: boolean;
  },
  terminal: Terminal,
): Promise<ExitCode> {
  const { config, output, force } = input.options;
  const estate = await readSoundEstate(config);
  const host = chooseHost(estate.hosts, input.options.host, undefined);
  const all = render(host, config, sha256);
  const [wanted] = input.operands;
  const files = all.filter(({ path }) => wanted === undefined || path === wanted);
  if (wanted !== undefined && files.length === 0) {
    const meant = nearest(
      wanted,
      all.map(({ path }) => path),
    );
    throw usageError(
      `hostcore makes no file ${wanted} for ${host.name}`,
      meant === undefined ? '`hostcore render` shows all.' : `Did you mean ${meant}?`,
    );
  }
  if (output !== undefined) {
    if (resolve(output) === '/') {
      throw usageError(
        '`hostcore render` installs nothing, and / is where this host lives',
        'Write them to a directory of their own, and see `hostcore plan`.',
      );
    }
    await makeOutput(output);
    if (!force) await refuseOthers(output, files);
    for (const file of files) await writeBelow(output, file);
  }
  if (input.json) {
    terminal.out(JSON.stringify({ host: host.name, files: files.map(asJson) }));
  } else if (output !== undefined) {
    terminal.out(files.map(({ path }) => join(output, path)).join('\n'));
  } else if (wanted === undefined) {
    terminal.out(files.map(({ path, text }) => `==> ${path}\n${text}`).join('\n'));
  } else {
    terminal.out((files[0]?.text ?? '').trimEnd());
  }
  return exitCodes.done;
}

/** Not its parents: below /proc, which takes no directory, Node's recursive mkdir never ends. */
async function makeOutput(output: string): Promise<void> {
  try {
    await mkdir(output);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      if ((await stat(output)).isDirectory()) return;
      throw usageError(`${output} is a file`, 'Name a directory, there or to be made, with -o.');
    }
    throw usageError(
      `the directory ${output} can't be made: ${errorText(error)}`,
      'Name one whose parent is there and may be written to.',
    );
  }
}

/** A tree that was rendered before is written anew; what a person or another program wrote there is not lost for it. */
async function refuseOthers(output: string, files: readonly File[]): Promise<void> {
  const whole = files.filter(({ kind }) => kind === 'whole');
  const others = await Promise.all(
    whole.map(async ({ path }) => {
      const present = await readFile(join(output, path), 'utf8').catch(() => undefined); // none yet
      return present === undefined || ownership(present, sha256) === 'ours' ? [] : [path];
    }),
  );
  const found = others.flat();
  if (found.length === 0) return;
  throw new SixhubError({
    code: 'not-as-written',
    fact: `below ${output}, ${found.join(', ')} ${found.length === 1 ? 'is' : 'are'} not as hostcore wrote ${found.length === 1 ? 'it' : 'them'}, or somebody else's`,
    hint: `\`hostcore plan --root ${output} --files-only\` shows what would be lost; --force replaces it. Nothing has been written.`,
    exit: exitCodes.waiting,
  });
}

async function writeBelow(
  output: string,
  { path, text, mode, kind, instead }: File,
): Promise<void> {
  const place = join(output, path);
  await mkdir(dirname(place), { recursive: true });
  // What others write there as well stays.
  const present = kind === 'block' ? await readFile(place, 'utf8').catch(() => '') : '';
  await writeWhole(place, kind === 'block' ? withBlock(present, text, instead) : text, { mode });
}

type File = ReturnType<typeof render>[number];

function asJson({ path, mode, purpose, text, kind }: File): object {
  return { path, mode: mode.toString(8).padStart(4, '0'), purpose, kind, text };
}
