import { setTimeout as sleep } from 'node:timers/promises';
import {
  exitCodes,
  formatDuration,
  labelled,
  Stopped,
  systemClock,
  wrap,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { rolloutNeed } from '../domain/rollout.js';
import type { RolloutsView, RolloutView } from './answers.js';
import type { HubClient } from './client.js';
import { momentText } from './moment-text.js';
import { needOf, sheetOf } from './standing-text.js';

const lookEveryMs = 500;

interface Followed {
  readonly name: string;
  readonly path: string;
  readonly json: boolean;
}

/** Draws it until it is done or stopped; Ctrl-C leaves it running. With --json, a line a change. */
export async function followRollout(
  hub: HubClient,
  { name, path, json }: Followed,
  first: RolloutsView,
  terminal: Terminal,
): Promise<ExitCode> {
  let view = first;
  let told = '';
  let toldBatch = 0;
  const startedAt = systemClock.now().getTime();
  using kept = json
    ? undefined
    : terminal.screen?.keep(({ columns }) =>
        view.rollout === null ? [] : draw(view.rollout, startedAt, columns),
      );
  try {
    for (;;) {
      const { rollout } = view;
      if (json) {
        const line = JSON.stringify(view);
        if (line !== told) terminal.out(line);
        told = line;
      } else if (rollout !== null) {
        // Quick agents pass a batch between two looks.
        const begun = rollout.batches.filter(({ batch }) => batch > toldBatch);
        toldBatch = rollout.batch;
        for (const batch of begun) {
          terminal.err(wrap(batchLine(name, batch), terminal.errColumns ?? Infinity, 2));
        }
      }
      if (rollout?.state !== 'running') break;
      kept?.refresh();
      await sleep(lookEveryMs, undefined, { signal: terminal.signal }).catch(() => {
        throw terminal.signal.reason;
      });
      view = await hub.call<RolloutsView>('GET', path);
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    if (!json) terminal.err(`${name}: its rollout goes on; \`hub rollout ${name}\` joins it`);
    return exitCodes.waiting;
  }
  kept?.[Symbol.dispose]();
  if (!json) tellRollout(name, view, terminal);
  return rolloutExit(view.rollout);
}

export function rolloutExit(rollout: RolloutView | null): ExitCode {
  if (rollout === null || rollout.state === 'running' || rollout.state === 'done') {
    return exitCodes.done;
  }
  if (rollout.because === 'no-word') return exitCodes.unreachable;
  return rollout.because === 'asked' ? exitCodes.waiting : exitCodes.failed;
}

/** How the newest version stands, what stopped it, and how later ones go out. */
export function tellRollout(name: string, view: RolloutsView, terminal: Terminal): void {
  const { rollout, always, next } = view;
  const sheet = sheetOf('certificate', terminal);
  const plans = [
    ...(next === null ? [] : [`the next version goes out ${planText(next)}`]),
    ...(always === null ? [] : [`each new version goes out ${planText(always)}`]),
  ];
  if (rollout === null) {
    const words = [`${name}: its newest version went to all agents at once`, ...plans];
    terminal.out(words.map((line) => wrap(line, sheet.width, 2)).join('\n'));
    return;
  }
  const { agents, underWay } = rollout;
  const need = rolloutNeed({ ...rollout, place: rollout.place ?? undefined });
  const count = (many: number, more: string): string => (many === 0 ? '0' : `${many}${more}`);
  const facts: readonly (readonly [string, string])[] = [
    ['state', stateText(rollout, sheet.now)],
    ['version', rollout.version],
    ['plan', planText(rollout.plan)],
    ['proven', String(agents.proven)],
    ['under way', count(agents.underWay, listed(underWay, agents.underWay))],
    ['failed', count(agents.failed, '')],
    ...rollout.failures.map(({ agent, says }): readonly [string, string] => [
      '',
      `${agent}: ${says}`,
    ]),
    ['waiting', count(agents.waiting, `, with version ${rollout.base}`)],
    ...(agents.away === 0
      ? []
      : [['away', `${agents.away}, silent or not enrolled; they get it when they come`] as const]),
    ...plans.map((plan): readonly [string, string] => ['later', plan]),
  ];
  terminal.out(
    [
      ...(need === undefined ? [] : needOf(need.fact, '', need.remedy, sheet)),
      name,
      ...labelled(facts, sheet.width),
    ].join('\n'),
  );
}

function stateText({ state, because, batch, changedAt }: RolloutView, now: Date): string {
  const since = `since ${momentText(changedAt, now)}`;
  switch (state) {
    case 'running':
      return batch === 0 ? 'begins' : `running, batch ${batch} ${since}`;
    case 'stopped':
      return `stopped in batch ${batch} ${since}: ${reasons[because]}`;
    case 'back':
      return `taken back ${since}: all agents have the version before`;
    case 'done':
      return `done ${since}: ${reasons[because]}`;
    default:
      return state satisfies never;
  }
}

const reasons: Readonly<Record<RolloutView['because'], string>> = {
  '': '',
  failed: 'an agent failed',
  'no-word': 'an agent said no word in time',
  asked: "by a person's word",
  revoked: 'the new version is revoked',
  proven: 'every agent that could has proven it',
  'base-revoked': 'the version before was revoked, so that all got this one',
  'base-ends-soon': 'the version before ends soon, so that all got this one',
};

function planText({ batch, first, patienceS }: RolloutView['plan']): string {
  const most = batch.endsWith('%')
    ? `${batch} of the agents`
    : batch === '1'
      ? 'one agent'
      : `${batch} agents`;
  const then = batch === '100%' ? 'to all others' : `to ${most} at a time`;
  const start =
    first.length === 0 ? then.replace('others', 'agents') : `to ${first.join(', ')}, then ${then}`;
  return `${start}, each within ${formatDuration(patienceS * 1_000)}`;
}

/** With twenty names at most, which is what there are. */
function batchLine(name: string, { batch, agents }: RolloutView['batches'][number]): string {
  const more = agents.length < 20 ? '' : ' …';
  return `${name}: batch ${batch}: ${agents.join(', ')}${more}`;
}

function listed(names: readonly string[], count: number): string {
  if (names.length === 0) return '';
  const more = count > names.length ? ` and ${count - names.length} more` : '';
  return `: ${names.join(', ')}${more}`;
}

/** `[=====>    ] 5 of 12 proven · batch 2 · 31s`, and who is under way. */
function draw(rollout: RolloutView, startedAt: number, columns: number): readonly string[] {
  const { agents, batch, underWay } = rollout;
  const all = agents.proven + agents.underWay + agents.failed + agents.waiting;
  const passed = formatDuration(systemClock.now().getTime() - startedAt).replace(/^\d+ms$/, '0s');
  const words = ` ${agents.proven} of ${all} proven · batch ${batch} · ${passed}`;
  const room = Math.min(30, columns - 3 - words.length);
  const filled = all === 0 ? 0 : Math.floor((agents.proven / all) * room);
  const bar = room < 5 ? '' : `[${'='.repeat(filled)}${' '.repeat(room - filled)}]`;
  return [
    `${bar}${words}`.trimStart(),
    ...(underWay.length === 0 ? [] : [`  waits for${listed(underWay, agents.underWay)}`]),
  ];
}
