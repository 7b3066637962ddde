import { command, exitCodes, runProcess, type Program } from '@sixhub/base';

/** `npm run bench -- issue`: one comparison. */
const bench: Program = {
  name: 'bench',
  version: '0.1.0',
  summary: 'side by side with peers; each figure is a ratio of one run on this machine',
  commands: [
    command({
      name: 'issue',
      summary: 'one certificate for apex and wildcard, hub against certbot, on the same chain',
      operands: [],
      options: { runs: { kind: 'count', value: 'N', summary: 'of each', default: '7' } },
      examples: [{ line: 'npm run bench -- issue --runs 15', does: 'fifteen runs of each' }],
      run: async ({ options }, terminal) => {
        const { benchIssue } = await import('./issue.js');
        await benchIssue(options.runs, (line) => terminal.out(line));
        return exitCodes.done;
      },
    }),
    command({
      name: 'issue-many',
      summary: 'a hundred certificates by one hub issue, beside a bare script of acme-client',
      operands: [],
      options: {
        certificates: { kind: 'count', value: 'N', summary: 'in one command', default: '100' },
        turns: { kind: 'count', value: 'N', summary: 'of each', default: '3' },
      },
      examples: [{ line: 'npm run bench -- issue-many --turns 7', does: 'seven turns of each' }],
      run: async ({ options }, terminal) => {
        const { benchIssueMany } = await import('./issue-many.js');
        await benchIssueMany(options.certificates, options.turns, (line) => terminal.out(line));
        return exitCodes.done;
      },
    }),
    command({
      name: 'planner',
      summary: 'what a look at renewals costs when nothing is due, and when everything is',
      operands: [],
      options: {
        certificates: { kind: 'count', value: 'N', summary: 'that the hub has', default: '100000' },
        turns: { kind: 'count', value: 'N', summary: 'of each', default: '9' },
      },
      examples: [{ line: 'npm run bench -- planner', does: 'with 100,000 certificates' }],
      run: async ({ options }, terminal) => {
        const { benchPlanner } = await import('./planner.js');
        await benchPlanner(options.certificates, options.turns, (line) => terminal.out(line));
        return exitCodes.done;
      },
    }),
    command({
      name: 'rest',
      summary:
        'status over REST, pages of long and short lists, memory and start of a hub with many',
      operands: [],
      options: {
        certificates: { kind: 'count', value: 'N', summary: 'that the hub has', default: '100000' },
        turns: { kind: 'count', value: 'N', summary: 'of each', default: '5' },
      },
      examples: [{ line: 'npm run bench -- rest', does: 'with 100,000 certificates' }],
      run: async ({ options }, terminal) => {
        const { benchRest } = await import('./rest.js');
        await benchRest(options.certificates, options.turns, (line) => terminal.out(line));
        return exitCodes.done;
      },
    }),
    command({
      name: 'agent',
      summary:
        'a run with nothing to do beside an empty node, and how soon web and mail serve a new version',
      operands: [],
      options: {
        runs: { kind: 'count', value: 'N', summary: 'with nothing to do', default: '25' },
        versions: { kind: 'count', value: 'N', summary: 'to deploy', default: '7' },
      },
      examples: [{ line: 'npm run bench -- agent', does: 'both' }],
      run: async ({ options }, terminal) => {
        const { benchAgent } = await import('./agent.js');
        await benchAgent(options.runs, options.versions, (line) => terminal.out(line));
        return exitCodes.done;
      },
    }),
    command({
      name: 'fleet',
      summary: 'a crowd of agents at one hub: a new version to all that wait, polls, memory',
      operands: [],
      options: {
        waiting: { kind: 'count', value: 'N', summary: 'for a new version', default: '1000' },
        polling: { kind: 'count', value: 'N', summary: 'every 15 minutes', default: '10000' },
        held: { kind: 'count', value: 'N', summary: 'whose memory is seen', default: '5000' },
        turns: { kind: 'count', value: 'N', summary: 'of each', default: '3' },
      },
      examples: [{ line: 'npm run bench -- fleet', does: 'all three' }],
      run: async ({ options }, terminal) => {
        const { benchFleet } = await import('./fleet.js');
        await benchFleet(options, (line) => terminal.out(line));
        return exitCodes.done;
      },
    }),
    command({
      name: 'hostcore',
      summary:
        'lint, render and plan of a host with many VMs; apply beside the daemons started by hand; the way back; NAT64 and DNS64 as rendered and bare',
      operands: [],
      options: {
        vms: { kind: 'count', value: 'N', summary: 'that the host has', default: '200' },
        runs: { kind: 'count', value: 'N', summary: 'of lint, render and plan', default: '15' },
        turns: { kind: 'count', value: 'N', summary: 'of all that follows', default: '5' },
      },
      examples: [{ line: 'npm run bench -- hostcore', does: 'as root: it makes networks' }],
      run: async ({ options }, terminal) => {
        const print = (line: string): void => terminal.out(line);
        const { benchHostcore } = await import('./hostcore.js');
        await benchHostcore(options.vms, options.runs, print);
        const { benchHostApply } = await import('./host-apply.js');
        await benchHostApply(options.turns, print);
        const { benchTranslation } = await import('./host-translation.js');
        await benchTranslation(options.turns, print);
        return exitCodes.done;
      },
    }),
    command({
      name: 'acme-dns',
      summary: 'the name server against Knot on the same names, its API, its memory',
      operands: [],
      options: { turns: { kind: 'count', value: 'N', summary: 'of each', default: '3' } },
      examples: [{ line: 'npm run bench -- acme-dns --turns 7', does: 'seven turns of each' }],
      run: async ({ options }, terminal) => {
        const { benchAcmeDns } = await import('./acme-dns.js');
        await benchAcmeDns(options.turns, (line) => terminal.out(line));
        return exitCodes.done;
      },
    }),
  ],
};

await runProcess(bench);
