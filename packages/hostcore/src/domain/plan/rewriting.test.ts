import { describe, expect, test } from 'vitest';
import { sha256 } from '../../config/read-estate.js';
import { render } from '../../render/render.js';
import type { Facts } from '../facts.js';
import { makePlan } from './plan.js';
import { hostOf } from '../../testing/sample-host.js';

describe("the guide's rule of ebtables", () => {
  const rule = '-j snat --to-src 00:24:21:21:ac:99 --snat-target ACCEPT';
  const rewriting = (tool: string, words: string, out?: string) => ({
    ...{ rule: words, remove: `${tool} -t nat -D POSTROUTING ${words}`, out },
  });
  const ruled = (
    given: readonly ReturnType<typeof rewriting>[],
    files: ReadonlyMap<string, string> = new Map(),
  ): Facts => ({
    ...{ release: undefined, hostname: undefined, packages: undefined, files },
    kernel: {
      ...{ devices: [], routes: [], sysctls: new Map(), proxied: new Set<string>() },
      ...{ listeners: [], session: undefined },
      rules: {
        ...{ chains: [], ours: new Map(), wanted: undefined, bridgeRules: [] },
        rewriting: given,
      },
    },
  });
  const plan = (facts: Facts): ReturnType<typeof makePlan> =>
    makePlan(hostOf(), render(hostOf(), 'host.toml', sha256), facts, sha256);

  test('goes out of the kernel, whichever ebtables made it', () => {
    const given = [
      rewriting('ebtables-nft', rule),
      rewriting('ebtables-legacy', `-o eno1 ${rule}`, 'eno1'),
    ];
    const rules = plan(ruled(given)).kernel.filter(({ kind }) => kind === 'rules');
    expect(rules.map(({ action, command }) => `${action}: ${command}`)).toEqual([
      `remove: ebtables-nft -t nat -D POSTROUTING ${rule}`,
      `remove: ebtables-legacy -t nat -D POSTROUTING -o eno1 ${rule}`,
    ]);
    expect(rules[0]?.why).toContain('what makes it at boot was not found');
  });

  test('at another port it is nobody of ours', () => {
    const { kernel } = plan(ruled([rewriting('ebtables-nft', `-o eth7 ${rule}`, 'eth7')]));
    expect(kernel.filter(({ kind }) => kind === 'rules')).toEqual([]);
  });

  test('in rc.local it is silenced, and what else ebtables does there stays', () => {
    const local = `#!/bin/sh
ebtables -t nat -A POSTROUTING -j snat --to-src 00:24:21:21:ac:99
ebtables -A FORWARD -p IPv4 -i eth7 -j DROP
`;
    const { files } = plan(ruled([], new Map([['/etc/rc.local', local]])));
    const diff = files.find(({ path }) => path === '/etc/rc.local')?.diff ?? [];
    expect(diff.filter((line) => /^[+-]/.test(line))).toEqual([
      '-ebtables -t nat -A POSTROUTING -j snat --to-src 00:24:21:21:ac:99',
      '+# hostcore: ebtables -t nat -A POSTROUTING -j snat --to-src 00:24:21:21:ac:99',
    ]);
  });
});
