import { command, exitCodes, runProcess, type Program } from '@sixhub/base';
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
  ],
};

await runProcess(fuzz);
