import { expect, test } from 'vitest';
import { sha256 } from '../../config/read-estate.js';
import { render } from '../../render/render.js';
import { hostOf } from '../../testing/sample-host.js';
import type { Facts } from '../facts.js';
import { lint } from '../lint.js';
import { planFiles } from '../plan/files.js';
import { refusing } from './index.js';

const nothing = { release: undefined, hostname: undefined, packages: undefined, kernel: undefined };

test.each([
  ['connected', true],
  ['connecting (getting IP configuration)', true],
  ['connected (externally)', false],
  ['unmanaged', false],
])('a card that NetworkManager has as %s: apply refuses, %s', (state, refuses) => {
  const networkManager = new Map([
    ['eno1', state],
    ['wlp3s0', 'connected'],
  ]);
  const facts: Facts = { ...nothing, files: new Map(), networkManager };
  const found = lint(refusing, hostOf(), facts);
  expect(found.map(({ fact }) => fact)).toEqual(
    refuses ? ['NetworkManager runs, and has eno1'] : [],
  );
});

test('it is told to leave our devices alone, where it is installed, and nowhere else', () => {
  const host = hostOf();
  const rendered = render(host, 'host.toml', sha256);
  const path = '/etc/NetworkManager/conf.d/90-sixhub.conf';
  const ours = rendered.find((one) => one.path === path)?.text ?? '';
  expect(ours).toMatch(
    /\[keyfile\]\nunmanaged-devices\+=interface-name:eno1;interface-name:br0\n$/,
  );
  const actions = (files: readonly (readonly [string, string])[]): readonly string[] =>
    planFiles(host, rendered, { ...nothing, files: new Map(files) }, sha256)
      .filter((one) => one.path === path)
      .map(({ action }) => action);
  const there = ['/etc/NetworkManager/NetworkManager.conf', '[main]\n'] as const;
  expect(actions([])).toEqual([]);
  expect(actions([there])).toEqual(['create']);
  expect(actions([there, [path, ours]])).toEqual([]);
  expect(actions([[path, ours]])).toEqual([]);
});
