import { command } from '@sixhub/base';
import { connection } from './connection.js';
import { agentNames, certificateNames } from './offers.js';

export const rollout = command({
  name: 'rollout',
  summary: 'a new version to a few agents first, and to the next when these have proven it',
  description:
    'With --batch or --first, makes a new version now, joins the rollout that is running, or with\n--always says how each later one goes out. Agents whose turn has not come keep the version before.\nIt stops at the first agent where a service does not serve the new version, or that says no word\nin time. Ctrl-C leaves it running, and so does a restart of the hub.\n\nWithout options, shows how it stands, and follows it while it is running. What a version before\nhas left is never used up: when that is less than a sixth of its life, all get the new one.\n\nExit: 0 done, 1 an agent failed, 3 stopped by a person or left running, 4 an agent said no word.',
  operands: [{ name: 'NAME', summary: 'a certificate of `hub list`', offer: certificateNames }],
  options: {
    ...connection,
    batch: {
      kind: 'text',
      value: 'N',
      summary: 'so many agents at a time, or a part of all: 10%',
      offer: ['1', '5', '10%', '25%'],
    },
    first: {
      kind: 'texts',
      value: 'AGENTS',
      summary: 'the first batch: these alone; then all others, unless --batch says less',
      offer: agentNames,
    },
    patience: {
      kind: 'duration',
      value: 'TIME',
      summary: 'how long an agent may say no word; the timer has it come each quarter of an hour',
      default: '30m',
    },
    always: { kind: 'flag', summary: 'from now on, each new version goes out so' },
    never: { kind: 'flag', summary: 'from now on, new versions go to all agents at once' },
    continue: { kind: 'flag', summary: 'go on, over what stopped it' },
    stop: { kind: 'flag', summary: 'begin no further batch' },
    back: { kind: 'flag', summary: 'give all agents the version before again' },
    all: { kind: 'flag', summary: 'give it to all agents that wait' },
    'no-wait': { kind: 'flag', summary: 'say how it stands, and do not follow it' },
    'wait-delegation': {
      kind: 'duration',
      value: 'TIME',
      summary: 'how long to wait for a missing CNAME',
      default: '1h',
    },
  },
  examples: [
    {
      line: 'hub rollout example.org --batch 10%',
      does: 'renews it, for a tenth of the agents at a time',
    },
    {
      line: 'hub rollout example.org --batch 10% --always',
      does: 'each renewal goes out a tenth at a time, by itself',
    },
    { line: 'hub rollout example.org', does: 'shows how it stands, and what stopped it' },
    {
      line: 'hub rollout example.org --continue',
      does: 'after the mending: goes on, and stops at the next failure',
    },
  ],
  run: async (input, terminal) => (await import('./rollout.js')).rollout(input, terminal),
});
