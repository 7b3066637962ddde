import {
  exitCodes,
  SixhubError,
  systemClock,
  usageError,
  wrap,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { readAgentFiles } from '../installation/agent-files.js';
import type { Found } from '../installation/found.js';
import { look, perform, type HubOfAgents } from '../installation/perform.js';
import { planInstallation, planRemoval, type Plan, type Step } from '../installation/plan.js';
import { becomeRoot, type RemoteRoot } from '../ssh/remote-root.js';
import { parseTarget } from '../ssh/target.js';
import type { CaView } from '../api/ca-routes.js';
import type { AgentView, CertificateView } from './answers.js';
import { connectHub, type ConnectionOptions, type HubClient } from './client.js';
import { foundText, leftThere, obstacleError, stepText } from './install-text.js';
import { logIn, type SshOptions } from './ssh-login.js';

interface Input {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions &
    SshOptions & {
      readonly name: string | undefined;
      readonly cert: readonly string[];
      readonly 'install-node': boolean;
      readonly remove: boolean;
      readonly 'dry-run': boolean;
      readonly yes: boolean;
    };
}

/** The caller's SSH, in the caller's process: the hub only hears what it hears of every agent. */
export async function install(input: Input, terminal: Terminal): Promise<ExitCode> {
  try {
    return await installOn(input, terminal);
  } catch (error) {
    if (!terminal.signal.aborted) throw error;
    throw new SixhubError({
      code: 'stopped',
      fact: `stopped; what is done on ${input.operands[0] ?? ''} stays done`,
      hint: 'The same command again finds it and does the rest.',
      cause: error,
    });
  }
}

async function installOn(
  { operands, options, json }: Input,
  terminal: Terminal,
): Promise<ExitCode> {
  const place = operands[0] ?? '';
  const hub = await connectHub(options);
  for (const name of options.cert) await mustExist(hub, name);
  await using connection = await logIn(place, options, terminal);
  const machine = await becomeRoot(connection);
  const found = await look(machine);
  const name = await nameFor(hub, { place, found, options });
  const plan = await planFor(hub, { found, name, options });
  if (plan.kind === 'obstacle') throw obstacleError(machine.name, plan.obstacle);
  const { steps } = plan;
  const say = sayer({ json, terminal, machine, name });
  say.plan(found, steps, options);
  if (steps.length === 0 || options['dry-run']) return exitCodes.done;
  await mustBeWanted(machine, options, terminal);
  const exit = await performAll(steps, { machine, hub: agentsOf(hub), say, terminal });
  say.end(exit, options);
  return exit;
}

async function mustExist(hub: HubClient, certificate: string): Promise<void> {
  await hub.call<CertificateView>('GET', `/v1/certificates/${encodeURIComponent(certificate)}`);
}

/** Who it is already, where this hub knows it; a machine is found again under another address, too. */
async function nameFor(
  hub: HubClient,
  {
    place,
    found,
    options,
  }: { readonly place: string; readonly found: Found } & Pick<Input, 'options'>,
): Promise<string> {
  if (options.name !== undefined) return options.name;
  const present = found.identity?.agent;
  if (present !== undefined && (options.remove || (await knownAgent(hub, present)) !== undefined)) {
    return present;
  }
  const { host } = parseTarget(place);
  const [first = ''] = host.split('.');
  if (/^[a-z]/.test(first) && !host.includes(':')) return first;
  throw usageError(`${host} is no name for a machine`, 'Give it one: --name NAME');
}

async function knownAgent(hub: HubClient, name: string): Promise<AgentView | undefined> {
  try {
    return await hub.call<AgentView>('GET', `/v1/agents/${encodeURIComponent(name)}`);
  } catch (error) {
    if (error instanceof SixhubError && error.code === 'no-agent') return undefined;
    throw error;
  }
}

async function planFor(
  hub: HubClient,
  {
    found,
    name,
    options,
  }: { readonly found: Found; readonly name: string } & Pick<Input, 'options'>,
): Promise<Plan> {
  const known = await knownAgent(hub, name);
  const authorities = await ownAuthorities(hub);
  if (options.remove) {
    // A machine that does not say who it is may share its name with another.
    const isIt = found.identity?.agent === name || options.name !== undefined;
    return planRemoval(found, { name: isIt ? name : undefined, known, authorities });
  }
  return planInstallation(found, {
    ...{ name, known, authorities, grants: options.cert, installNode: options['install-node'] },
    files: await readAgentFiles(),
    now: systemClock.now(),
  });
}

async function ownAuthorities(hub: HubClient): Promise<readonly string[]> {
  const { serving, next } = await hub.call<CaView>('GET', '/v1/ca');
  return [serving, ...(next === null ? [] : [next])].map(({ sha256 }) => sha256);
}

function agentsOf(hub: HubClient): HubOfAgents {
  const path = (name: string): string => `/v1/agents/${encodeURIComponent(name)}`;
  return {
    async invite(name, grants) {
      const { token } = await hub.call<{ token: string }>('POST', '/v1/agents', { name, grants });
      return token;
    },
    grant: (name, certificate) =>
      hub.call('PUT', `${path(name)}/grants/${encodeURIComponent(certificate)}`),
    remove: (name) => hub.call('DELETE', path(name)),
  };
}

async function mustBeWanted(
  { name }: RemoteRoot,
  { yes }: Input['options'],
  terminal: Terminal,
): Promise<void> {
  if (yes || (await terminal.confirm(`Do this on ${name}?`))) return;
  throw usageError(
    `nothing was changed on ${name}`,
    'Without a terminal to ask at, --yes says it; --dry-run shows it alone.',
  );
}

async function performAll(
  steps: readonly Step[],
  {
    machine,
    hub,
    say,
    terminal,
  }: {
    readonly machine: RemoteRoot;
    readonly hub: HubOfAgents;
    readonly say: Sayer;
    readonly terminal: Terminal;
  },
): Promise<ExitCode> {
  let worst: ExitCode = exitCodes.done;
  for (const step of steps) {
    terminal.signal.throwIfAborted();
    const { words, exit } = await perform(step, machine, hub);
    say.done(step, words);
    if (exit !== exitCodes.done) worst = exit;
  }
  return worst;
}

interface Sayer {
  plan(found: Found, steps: readonly Step[], options: Input['options']): void;
  done(step: Step, words: string): void;
  end(exit: ExitCode, options: Input['options']): void;
}

/** The plan and each step on standard error, what came of it on standard output; with --json, a line an event. */
function sayer({
  json,
  terminal,
  machine,
  name,
}: {
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly machine: RemoteRoot;
  readonly name: string;
}): Sayer {
  const event = (kind: string, more: object): void =>
    terminal.out(JSON.stringify({ kind, host: machine.name, agent: name, ...more }));
  return {
    plan(found, steps, { remove, 'dry-run': dry }) {
      const texts = steps.map(stepText);
      if (json) {
        event(texts.length === 0 ? 'unchanged' : 'plan', { found: foundText(found), steps: texts });
        return;
      }
      const head = `${machine.name}: ${foundText(found)}`;
      if (steps.length === 0) {
        terminal.err(head);
        terminal.out(
          remove
            ? `nothing of the agent is on ${machine.name}; nothing was changed`
            : `everything is in place for ${name}; nothing was changed`,
        );
        return;
      }
      const lines = (columns = Infinity): string =>
        [
          wrap(head, columns, 2),
          ...texts.map((text) => wrap(`  - ${text}`, columns, 4)),
          ...(remove ? [wrap(leftThere, columns)] : []),
        ].join('\n');
      if (dry) terminal.out(lines(terminal.outColumns));
      else terminal.err(lines(terminal.errColumns));
    },
    done(step, words) {
      if (json) event('done', { step: stepText(step), words });
      else {
        terminal.err(wrap(`done: ${stepText(step)}`, terminal.errColumns ?? Infinity, 6));
        if (words !== '') terminal.out(words);
      }
    },
    end(exit, { remove }) {
      if (json) event('end', { exit });
      else if (remove) terminal.out(`${machine.name}: the agent is gone`);
      else if (exit === exitCodes.done) terminal.out(`${name} is in place; hub agent show ${name}`);
      else
        terminal.err(
          `${name} is installed, but not all is served; hub agent show ${name} says what to do`,
        );
    },
  };
}
