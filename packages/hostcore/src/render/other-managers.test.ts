import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { sha256 } from '../config/read-estate.js';
import { planFiles } from '../domain/plan/files.js';
import { hostOf, sampleToml } from '../testing/sample-host.js';
import { render } from './render.js';

const path = '/etc/cloud/cloud.cfg.d/99-sixhub-network.cfg';
const nothing = { release: undefined, hostname: undefined, packages: undefined, kernel: undefined };

test('cloud-init, where it is installed, writes no network configuration any more', () => {
  for (const manager of ['netplan', 'networkd']) {
    const host = hostOf(`${sampleToml}manager = "${manager}"\n`);
    const rendered = render(host, 'host.toml', sha256);
    const ours = rendered.find((one) => one.path === path)?.text ?? '';
    expect(parse(ours)).toEqual({ network: { config: 'disabled' } });
    const actions = (files: readonly (readonly [string, string])[]): readonly string[] =>
      planFiles(host, rendered, { ...nothing, files: new Map(files) }, sha256)
        .filter((one) => one.path === path)
        .map(({ action }) => action);
    const there = ['/etc/cloud/cloud.cfg', 'datasource_list: [Hetzner, None]\n'] as const;
    expect(actions([])).toEqual([]);
    expect(actions([there])).toEqual(['create']);
    expect(actions([there, [path, ours]])).toEqual([]);
  }
});
