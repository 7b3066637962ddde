import { describe, expect, test } from 'vitest';
import { sha256 } from '../../config/read-estate.js';
import { render } from '../../render/render.js';
import type { UnitState } from '../apply/units.js';
import { differences } from '../drift.js';
import type { Facts } from '../facts.js';
import { makePlan } from './plan.js';
import { hostOf, sampleToml } from '../../testing/sample-host.js';

describe("Debian's own tayga", () => {
  const mask = 'systemctl mask --now tayga.service';
  const commands = (
    packages: readonly string[] | undefined,
    masked: readonly string[],
    isOursThere = false,
  ): readonly string[] => {
    const own = hostOf(`${sampleToml}nat64 = {}\n`);
    const rendered = render(own, 'host.toml', sha256);
    const files = rendered.map(({ path, text }) => [path, text] as const);
    const facts: Facts = {
      ...{ release: undefined, hostname: undefined, kernel: undefined },
      packages: packages && new Map(packages.map((name) => [name, '1'])),
      files: new Map(isOursThere ? files : []),
      masked: new Set(masked),
    };
    return makePlan(own, rendered, facts, sha256).services.map(({ command }) => command);
  };

  test.each([
    ['its package is there', ['tayga']],
    ['its package comes in with this very plan', []],
    ['nobody knows of packages', undefined],
  ])('is masked first where %s', (_, packages) => {
    expect(commands(packages, [])[0]).toBe(mask);
  });

  test('is masked beside ours as well, and not twice', () => {
    expect(commands(['tayga'], [], true)).toEqual([mask]);
    expect(commands(['tayga'], ['tayga.service'], true)).toEqual([]);
    expect(commands(['tayga'], ['tayga.service'])).not.toContain(mask);
  });
});

describe('a unit of tayga that was written by hand', () => {
  const own = hostOf(`${sampleToml}nat64 = {}\n`);
  const rendered = render(own, 'host.toml', sha256);
  const commands = (states: readonly UnitState[] | undefined, isOursThere: boolean) => {
    const handmade = ['/etc/systemd/system/tayga.service', '[Service]\nExecStart=tayga\n'] as const;
    const ours = rendered.map(({ path, text }) => [path, text] as const);
    const facts: Facts = {
      ...{ release: undefined, hostname: undefined, kernel: undefined },
      ...{ packages: new Map([['tayga', '1']]), masked: new Set() },
      files: new Map([handmade, ...(isOursThere ? ours : [])]),
      ...(states && { units: states }),
    };
    return makePlan(own, rendered, facts, sha256).services.map(({ command }) => command);
  };
  const state = (file: string, active: boolean): readonly UnitState[] => [
    { unit: 'tayga.service', there: true, file, active },
  ];
  const off = 'systemctl disable --now tayga.service';

  test('is switched off, since nothing can mask what stands in its place', () => {
    expect(commands(state('enabled', true), false)[0]).toBe(off);
    expect(commands(undefined, false)[0]).toBe(off);
    expect(commands(state('enabled', true), true)).toEqual([off]);
  });

  test('and then left alone', () => {
    expect(commands(state('disabled', false), true)).toEqual([]);
    expect(commands(undefined, true)).toEqual([]);
  });
});

test("ndppd runs by a unit of ours as well, and Debian's script never", () => {
  const own = hostOf(sampleToml.replace('uplink = {', 'uplink = {mode = "on-link", '));
  const rendered = render(own, 'host.toml', sha256);
  const facts: Facts = {
    ...{ release: undefined, hostname: undefined, kernel: undefined, packages: undefined },
    ...{ files: new Map(), masked: new Set() },
  };
  const commands = makePlan(own, rendered, facts, sha256).services.map(({ command }) => command);
  expect(commands[0]).toBe('systemctl mask --now ndppd.service');
  expect(commands).toContain('systemctl enable --now sixhub-ndppd.service');
  expect(commands).not.toContain('systemctl restart sixhub-ndppd.service');
});

describe('a unit that a description needs', () => {
  const text = `${sampleToml}resolvers = ["2001:db8::53"]\nra.interval = 4\n`.replace(
    'extras.kvm',
    'manager = "networkd"\nextras.kvm',
  );
  const own = hostOf(text);
  const rendered = render(own, 'host.toml', sha256);
  const planned = (unit: Partial<UnitState>, files = rendered) => {
    const states = ['radvd', 'sixhub-nftables', 'systemd-networkd'].map((name) => ({
      ...{ unit: `${name}.service`, there: true, file: 'enabled', active: true },
    }));
    const facts: Facts = {
      ...{ release: undefined, hostname: undefined, kernel: undefined, packages: undefined },
      files: new Map(files.map(({ path, text: one }) => [path, one])),
      units: states.map((one) => (one.unit === unit.unit ? { ...one, ...unit } : one)),
    };
    const plan = makePlan(own, rendered, facts, sha256);
    const programs = new Set(['radvd', 'systemd-network']);
    const drifted = differences(own, plan, programs).filter(({ kind }) => kind === 'service');
    return { commands: plan.services.map(({ command }) => command), drifted };
  };
  const start = 'systemctl enable --now radvd.service';
  const radvd = 'radvd.service';

  test('and has is left alone', () => {
    expect(planned({})).toEqual({ commands: [], drifted: [] });
  });

  test.each([
    [{ unit: radvd, active: false }, [start], 'not running'],
    [{ unit: radvd, file: 'disabled' }, [start], 'not enabled'],
    [
      { unit: radvd, file: 'masked', active: false },
      ['systemctl unmask radvd.service', start],
      'masked',
    ],
    [
      { unit: 'systemd-networkd.service', file: 'disabled' },
      ['systemctl enable --now systemd-networkd'],
      'not enabled',
    ],
  ])('%o: plan and drift have it alike', (unit, commands, is) => {
    const found = planned(unit);
    expect(found.commands).toEqual(commands);
    expect(found.drifted).toEqual([
      { kind: 'service', subject: unit.unit, detail: expect.stringMatching(`^${is}: .`) },
    ]);
  });

  test('is told once where its file differs as well, and not at all where its package is missing', () => {
    const others = rendered.filter(({ path }) => path !== '/etc/radvd.conf');
    const { commands } = planned({ unit: radvd, active: false }, others);
    expect(commands).toEqual(['systemctl reload-or-restart radvd.service']);
    expect(planned({ unit: radvd, there: false, file: '', active: false }).commands).toEqual([]);
  });
});
