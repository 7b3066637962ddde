import { BaseSequencer } from 'vitest/node';

/** A fresh clone knows no durations: a file that takes minutes and begins last has one core wait for it. */
const slow = ['cli/examples', 'push/broken-off', 'cli/docs', 'renewal/random-year', 'apply/faults'];

export class SlowFirst extends BaseSequencer {
  /** @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    const usual = await super.sort(files);
    const isSlow = ({ moduleId }) => slow.some((name) => moduleId.endsWith(`/${name}.test.ts`));
    return [...usual.filter(isSlow), ...usual.filter((file) => !isSlow(file))];
  }
}
