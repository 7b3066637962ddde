import { command, exitCodes, runProcess, type Program } from '@sixhub/base';
import { fuzzApi } from './api.js';
import { fuzzAcmeDns } from './fuzz.js';

const fuzz: Program = {
  name: 'fuzz',
  version: '0.1.0',
  summary: 'mutated packets and bodies against real servers; the same seed sends the same',
  commands: [
    command({
      name: 'acme-dns',
      summary: 'DNS queries, and HTTP bodies a fiftieth as many, against `acme-dns serve`',
      operands: [],
      options: {
        messages: { kind: 'count', value: 'N', summary: 'queries', default: '1000000' },
        seed: { kind: 'count', value: 'N', summary: 'where the dice begin', default: '1' },
      },
      examples: [{ line: 'npm run fuzz -- acme-dns --seed 7', does: 'a million others' }],
      run: async ({ options }, terminal) => {
        const result = await fuzzAcmeDns(options.messages, options.seed);
        terminal.out(
          `${result.answered} answered, ${result.silent} rightly not, ${result.bodies} bodies; ` +
            `memory ${result.grownMegabytes.toFixed(1)} MB more than after the first tenth`,
        );
        return exitCodes.done;
      },
    }),
    command({
      name: 'api',
      summary:
        "requests made of the hub's own OpenAPI, near to what it takes and wrong, against `hub serve`",
      operands: [],
      options: {
        requests: { kind: 'count', value: 'N', summary: 'in all', default: '200000' },
        seed: { kind: 'count', value: 'N', summary: 'where the dice begin', default: '1' },
      },
      examples: [{ line: 'npm run fuzz -- api --seed 7', does: 'two hundred thousand others' }],
      run: async ({ options }, terminal) => {
        const { requests, byStatus, slowestMs } = await fuzzApi(options.requests, options.seed);
        const statuses = [...byStatus].toSorted(([one], [other]) => one - other);
        terminal.out(
          `${requests} requests: ${statuses.map(([status, count]) => `${count} of ${status}`).join(', ')}; ` +
            `meanwhile DNS and the socket answered within ${slowestMs.toFixed(0)} ms`,
        );
        return exitCodes.done;
      },
    }),
  ],
};

await runProcess(fuzz);
