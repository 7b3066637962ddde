import { wrong, type Finding } from '@sixhub/base/finding';
import type { Host } from '../domain/host.js';
import { formatAddress, isLinkLocal } from '../domain/ip-address.js';
import type { Verification } from './desk.js';
import type { Run } from './run.js';

/** An address that moved to another device is asked for before it is used, for two seconds (RFC 4862 §5.4). */
const patienceMs = 5_000;

/** The least that must stay so: routers of the provider that answered before the change answer after it. */
export async function prepareReach(run: Run, host: Host): Promise<Verification> {
  const routers = [host.ipv6.gateway, ...(host.ipv4 === undefined ? [] : [host.ipv4.gateway])];
  const answers = async (): Promise<readonly string[]> => {
    const device = await outerNow(run, host);
    const asked = await Promise.all(
      routers.map(async (router) => {
        const text = formatAddress(router);
        const zone = isLinkLocal(router) ? ['-I', device] : [];
        const words = [`-${router.family}`, '-n', '-q', '-c', '1', '-w', '1', ...zone, text];
        const result = await run('ping', words);
        return result.kind === 'exited' && result.code === 0 ? [text] : [];
      }),
    );
    return asked.flat();
  };
  const before = await answers();
  return async (): Promise<readonly Finding[]> => {
    if (before.length === 0) return [];
    const until = performance.now() + patienceMs;
    const lost = async (): Promise<readonly string[]> => {
      const after = await answers();
      return before.filter((router) => !after.includes(router));
    };
    let found = await lost();
    while (found.length > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      found = await lost();
    }
    return found.map((router) =>
      wrong(
        `the provider's router ${router} answered before, and does not any more`,
        'How the provider delivers the network (uplink.mode), or its addresses, may be other than host.toml has it.',
      ),
    );
  };
}

/** A change may be one of mode: where the card is now, not where a description has it. */
async function outerNow(run: Run, { uplink }: Host): Promise<string> {
  const shown = await run('ip', ['-o', 'link', 'show', 'dev', uplink.device]);
  const master = shown.kind === 'exited' ? / master (\S+)/.exec(shown.stdout)?.[1] : undefined;
  return master ?? uplink.device;
}
