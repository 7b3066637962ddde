import { dirname } from 'node:path/posix';
import { exitCodes, SixhubError, type ExitCode } from '@sixhub/base';
import type { RemoteRoot } from '../ssh/remote-root.js';
import { dropIns, places } from './agent-files.js';
import { parseSurvey, survey, surveyedPaths, type Found } from './found.js';
import type { Step } from './plan.js';

/** What the steps need of the hub. */
export interface HubOfAgents {
  /** The one-time token. */
  invite(name: string, grants: readonly string[]): Promise<string>;
  grant(name: string, certificate: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** What a step has to tell besides that it is done. */
export interface Performed {
  readonly words: string;
  /** Other than 0: it is done, and not all is well. */
  readonly exit: ExitCode;
}

const well: Performed = { words: '', exit: exitCodes.done };

export async function look(machine: RemoteRoot): Promise<Found> {
  const { code, stdout, stderr } = await machine.run(['sh', '-s', '--', ...surveyedPaths], survey);
  if (code === 0) return parseSurvey(stdout);
  throw failed(machine, 'a look at the machine', stderr || stdout);
}

/** Every step may be done twice: who was killed in between begins again with a look. */
export async function perform(
  step: Step,
  machine: RemoteRoot,
  hub: HubOfAgents,
): Promise<Performed> {
  const must = async (words: readonly string[], input?: string): Promise<Performed> => {
    const { code, stdout, stderr } = await machine.run(words, input);
    if (code !== 0)
      throw failed(machine, words.join(' '), stderr.trim() || stdout.trim(), exitOf(words, code));
    return { ...well, words: stdout.trim() };
  };
  switch (step.kind) {
    case 'install-node':
      return installNode(machine, must);
    case 'make-directory':
      await must(['install', '-d', '-m', '755', step.path]);
      return well;
    case 'write':
      await machine.write(step.file.path, step.file.content, step.file.mode);
      return well;
    case 'systemctl':
      await must(['systemctl', ...step.words]);
      return well;
    case 'enrol': {
      const token = await hub.invite(step.name, step.grants);
      const again = step.again ? ['--again'] : [];
      return { ...(await must([places.launcher, 'enroll', ...again], `${token}\n`)), words: '' };
    }
    case 'grant':
      await hub.grant(step.name, step.certificate);
      return well;
    case 'run':
      return run(machine, step.now);
    case 'detect':
      return must([places.launcher, 'detect', '--write']);
    case 'remove-agent':
      await hub.remove(step.name);
      return well;
    case 'delete':
      await must(['rm', '-rf', '--', step.path]);
      // An administrator may have drop-ins of their own beside ours.
      if (dropIns.includes(step.path))
        await must(['rmdir', '--ignore-fail-on-non-empty', '--', dirname(step.path)]);
      return well;
    default:
      return step satisfies never;
  }
}

/** Its first run only brings the files, which a service's configuration may need to be valid: the second one proves. */
async function run(machine: RemoteRoot, now: boolean): Promise<Performed> {
  const words = [places.launcher, 'run', ...(now ? ['--now'] : [])];
  const { code, stdout, stderr } = await machine.run(words);
  const said = [stdout.trim(), stderr.trim()].filter((text) => text !== '').join('\n');
  if (code === exitCodes.done) return { ...well, words: now ? said : '' };
  if (code === exitCodes.failed)
    return { words: now ? said : '', exit: now ? exitCodes.failed : 0 };
  throw failed(machine, words.join(' '), stderr.trim() || stdout.trim(), exitOf(words, code));
}

/** hub-agent's exit codes are ours; those of other programs mean what they mean there. */
function exitOf([program]: readonly string[], code: number | undefined): ExitCode {
  return program === places.launcher && code === exitCodes.unreachable
    ? exitCodes.unreachable
    : exitCodes.failed;
}

async function installNode(
  machine: RemoteRoot,
  must: (words: readonly string[]) => Promise<Performed>,
): Promise<Performed> {
  const apt = [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-q',
    '-o',
    'DPkg::Lock::Timeout=120',
  ];
  await machine.run([...apt, 'update']); // an old list still serves where it fails; installing says so if not
  await must([...apt, 'install', '-y', '--no-install-recommends', 'nodejs']);
  const { node } = await look(machine);
  if (node !== undefined && Number.parseInt(node, 10) >= 18)
    return { ...well, words: `node ${node}` };
  throw new SixhubError({
    code: 'node-too-old',
    fact: `${machine.name}: its package nodejs is ${node ?? 'not found after it was installed'}; the agent needs 18 or newer`,
    hint: 'Debian 12 and Ubuntu 24.04 have one. Put a newer node into /usr/local/bin there, and give the same command again.',
  });
}

function failed(
  machine: RemoteRoot,
  what: string,
  words: string,
  exit: ExitCode = exitCodes.failed,
): SixhubError {
  return new SixhubError({
    code: 'remote-command-failed',
    fact: `${machine.name}: ${what} did not succeed`,
    hint: `${words || 'It said nothing.'}\nThe same command again finds what is done and does the rest.`,
    exit,
  });
}
