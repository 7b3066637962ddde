import { BaseSequencer } from 'vitest/node';

/** A fresh clone knows no durations: a file that takes minutes and begins last has one core wait for it. */
const slow = [
  ...[
    'apply/killed',
    'cli/examples',
    'cli/docs',
    'apply/modes',
    'apply/migration',
    'verify-faults',
  ],
  ...['recovery/every-renewal', 'push/broken-off', 'hub/renews', 'renewal/random-year'],
];

export class SlowFirst extends BaseSequencer {
  /** @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    const usual = await super.sort(files);
    const isSlow = ({ moduleId }) => slow.some((name) => moduleId.endsWith(`/${name}.test.ts`));
    return [...usual.filter(isSlow), ...usual.filter((file) => !isSlow(file))];
  }
}
