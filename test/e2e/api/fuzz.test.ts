import { expect, test } from 'vitest';
import { fuzzApi } from '../../fuzz/api.js';

/** A short one; `npm run fuzz -- api` goes on for longer. */
test(
  'requests that are wrong in every way are refused with a problem, and nobody else waits',
  { timeout: 300_000 },
  async () => {
    const { byStatus, requests } = await fuzzApi(2_000, 1);
    expect(requests).toBeGreaterThanOrEqual(2_000);
    for (const status of [200, 400, 401, 403, 404, 413, 415])
      expect(byStatus.has(status), `${status}`).toBe(true);
  },
);
