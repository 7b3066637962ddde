import { exitCodes, usageError, type ExitCode, type Terminal } from '@sixhub/base';
import type { RolloutsView, Started } from './answers.js';
import { connectHub, type ConnectionOptions, type HubClient } from './client.js';
import { conclude } from './conclude.js';
import { followRollout, rolloutExit, tellRollout } from './follow-rollout.js';

interface RolloutInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions & {
    readonly batch: string | undefined;
    readonly first: readonly string[];
    readonly patience: number;
    readonly always: boolean;
    readonly never: boolean;
    readonly continue: boolean;
    readonly stop: boolean;
    readonly back: boolean;
    readonly all: boolean;
    readonly 'no-wait': boolean;
    readonly 'wait-delegation': number;
  };
}

const deeds = ['continue', 'stop', 'back', 'all', 'never'] as const;
type Deed = (typeof deeds)[number];

export async function rollout(input: RolloutInput, terminal: Terminal): Promise<ExitCode> {
  const { operands, options, json } = input;
  const [deed, another] = deeds.filter((one) => options[one]);
  const isPlan = options.batch !== undefined || options.first.length > 0;
  if (another !== undefined || (deed !== undefined && (isPlan || options.always))) {
    const other = another ?? (isPlan ? 'batch' : 'always');
    throw usageError(`hub rollout: --${deed} and --${other}`, 'Give one of them at a time.');
  }
  if (options.always && !isPlan) {
    throw usageError(
      'hub rollout: --always does not say how',
      'Add --batch N or --first AGENT; --never takes it back.',
    );
  }
  const hub = await connectHub(options);
  const name = operands[0] ?? '';
  const path = `/v1/certificates/${encodeURIComponent(name)}/rollout`;
  const asked = { hub, name, path, json, waits: !options['no-wait'] };
  if (isPlan) return begin(asked, options, terminal);
  if (deed !== undefined) return act(asked, deed, terminal);
  return follow(asked, await hub.call<RolloutsView>('GET', path), terminal);
}

interface Asked {
  readonly hub: HubClient;
  readonly name: string;
  readonly path: string;
  readonly json: boolean;
  readonly waits: boolean;
}

async function act(asked: Asked, deed: Deed, terminal: Terminal): Promise<ExitCode> {
  const { hub, name, path, json } = asked;
  const view = await (deed === 'never'
    ? hub.call<RolloutsView>('DELETE', path)
    : hub.call<RolloutsView>('POST', `${path}/${deed}`));
  if (deed === 'continue') return follow(asked, view, terminal);
  if (json) terminal.out(JSON.stringify(view));
  else tellRollout(name, view, terminal);
  return exitCodes.done;
}

/** Says how, then has a version made that goes out so; or joins the one that is going out. */
async function begin(
  asked: Asked,
  options: RolloutInput['options'],
  terminal: Terminal,
): Promise<ExitCode> {
  const { hub, name, path, json } = asked;
  const { always, batch = '100%', first, patience } = options;
  const plan = {
    batch,
    first: first.flatMap((names) => names.split(',')).filter((one) => one !== ''),
    patienceS: Math.max(1, Math.round(patience / 1_000)),
  };
  const view = await hub.call<RolloutsView>('PUT', path, { ...plan, always });
  if (always || view.rollout?.state === 'running') return follow(asked, view, terminal);
  const start = (): Promise<Started> =>
    hub.call<Started>('POST', `/v1/certificates/${encodeURIComponent(name)}/renew`);
  const waits = { ...options, 'wait-deployed': undefined };
  const ending = await conclude([{ name, start }], { hub, options: waits, json }, terminal);
  if (ending !== exitCodes.done) {
    if (!json) terminal.err(`${name}: when its new version is there, it goes out in batches`);
    return ending;
  }
  return follow(asked, await hub.call<RolloutsView>('GET', path), terminal);
}

async function follow(
  { hub, name, path, json, waits }: Asked,
  view: RolloutsView,
  terminal: Terminal,
): Promise<ExitCode> {
  if (waits && view.rollout?.state === 'running') {
    return followRollout(hub, { name, path, json }, view, terminal);
  }
  if (json) terminal.out(JSON.stringify(view));
  else tellRollout(name, view, terminal);
  return rolloutExit(view.rollout);
}
