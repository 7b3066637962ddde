import { mustBe, openEstate, residentMegabytes } from '@sixhub/test/lab';
import { startCertbotHouse } from './certbot.js';
import { spread } from './median.js';

/**
 * One certificate for a domain and its wildcard, from the command's start to its exit: `hub renew` with the hub
 * running, and certbot with a hook on the acme-dns API, in turns, at one pebble through one resolver. certbot keeps
 * its account, and both validate anew each time.
 */
export async function benchIssue(runs: number, print: (line: string) => void): Promise<void> {
  await using estate = await openEstate({ domains: ['example.org', 'example.net'] });
  const { hub } = estate;
  print('issue: apex and wildcard, from the command’s start to its exit');
  const { pid } = await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const certbot = await startCertbotHouse(estate, 'example.net');
  await untilDone(() => certbot.issue()); // registers its account, uncounted
  const times: { hub: number[]; certbot: number[]; certbotFailures: number } = {
    hub: [],
    certbot: [],
    certbotFailures: 0,
  };
  for (let run = 0; run < runs; run++) {
    const renewed = await mustBe(0, await hub.run(['renew', 'example.org']));
    times.hub.push(renewed.milliseconds);
    const { milliseconds, failures } = await untilDone(() => certbot.issue());
    times.certbot.push(milliseconds);
    times.certbotFailures += failures;
  }
  const ratios = times.hub.map((time, run) => time / (times.certbot[run] ?? Number.NaN));
  print(`  hub       ${spread(times.hub, { unit: ' ms' })}`);
  print(
    `  certbot   ${spread(times.certbot, { unit: ' ms' })}; ${times.certbotFailures} more runs failed and are not counted`,
  );
  print(`  hub/certbot, pair by pair: ${spread(ratios, { digits: 3 })}; at most 0.2 wanted`);
  print(
    `  hub at rest: ${(await residentMegabytes(pid)).toFixed(0)} MB resident; under 150 wanted`,
  );
}

/** pebble refuses one nonce in twenty, as it comes; certbot fails some of its runs over that. */
async function untilDone(
  work: () => Promise<{ code: number; stderr: string; milliseconds: number }>,
): Promise<{ milliseconds: number; failures: number }> {
  for (let failures = 0; failures < 5; failures++) {
    const result = await work();
    if (result.code === 0) return { milliseconds: result.milliseconds, failures };
  }
  throw new Error('certbot failed five times');
}
