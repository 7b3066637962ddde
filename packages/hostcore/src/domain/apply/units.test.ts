import { describe, expect, test } from 'vitest';
import { deadUnits, unitsBack, type UnitState } from './units.js';

const unit = (name: string, file: string, active: boolean): UnitState => ({
  ...{ unit: `${name}.service`, there: file !== '', file, active },
});

test('what was not there is ended and forgotten, while its file is there; what was stays', () => {
  const before = [
    unit('sixhub-tayga', '', false),
    unit('named', 'disabled', false),
    unit('radvd', 'masked', false),
    unit('networking', 'enabled', true),
    unit('systemd-networkd', 'disabled', false),
    unit('tayga', '', false),
  ];
  const now = [
    unit('sixhub-tayga', 'enabled', true),
    unit('named', 'enabled', true),
    unit('radvd', 'enabled', true),
    unit('networking', 'disabled', false),
    unit('systemd-networkd', 'enabled', true),
    unit('tayga', 'masked', false),
  ];
  expect(unitsBack(before, now)).toEqual({
    endedFirst: ['systemctl stop sixhub-tayga.service', 'systemctl stop systemd-networkd.service'],
    ended: [
      'systemctl stop named.service',
      'systemctl stop radvd.service',
      'systemctl disable sixhub-tayga.service',
    ],
    settled: [
      'systemctl disable named.service',
      'systemctl mask radvd.service',
      'systemctl enable networking.service',
      'systemctl disable systemd-networkd.service',
      'systemctl unmask tayga.service',
    ],
    started: ['systemctl start networking.service'],
  });
  expect(unitsBack(now, now)).toEqual({ endedFirst: [], ended: [], settled: [], started: [] });
});

test("networkd's socket ends before networkd, which it would start again", () => {
  const states = (active: boolean): readonly UnitState[] =>
    ['systemd-networkd.service', 'systemd-networkd.socket'].map((name) => ({
      ...{ unit: name, there: true, file: 'disabled', active },
    }));
  expect(unitsBack(states(false), states(true)).endedFirst).toEqual([
    'systemctl stop systemd-networkd.socket',
    'systemctl stop systemd-networkd.service',
  ]);
});

describe("networkd's enablement", () => {
  const [service, socket] = ['systemd-networkd.service', 'systemd-networkd.socket'];
  const states = (of: string, ofSocket: string): readonly UnitState[] => [
    { unit: service, there: true, file: of, active: true },
    { unit: socket, there: true, file: ofSocket, active: true },
  ];
  const settled = (before: readonly UnitState[], now: readonly UnitState[]): readonly string[] =>
    unitsBack(before, now).settled;

  test("by netplan's generator comes back as such: what was enabled for good is not any more", () => {
    expect(settled(states('enabled-runtime', 'disabled'), states('enabled', 'enabled'))).toEqual([
      `systemctl disable ${service}`,
      `systemctl disable ${socket}`,
    ]);
    // Its own link is gone: the generator makes it again.
    expect(settled(states('enabled-runtime', 'disabled'), states('disabled', 'disabled'))).toEqual(
      [],
    );
    expect(settled(states('enabled-runtime', 'disabled'), states('masked', 'disabled'))).toEqual([
      `systemctl unmask ${service}`,
    ]);
  });

  test('takes its socket along, which is put right after it', () => {
    expect(settled(states('enabled-runtime', 'enabled'), states('enabled', 'enabled'))).toEqual([
      `systemctl disable ${service}`,
      `systemctl enable ${socket}`,
    ]);
    expect(settled(states('enabled', 'disabled'), states('disabled', 'disabled'))).toEqual([
      `systemctl enable ${service}`,
      `systemctl disable ${socket}`,
    ]);
  });
});

test('a daemon that was told something and does not run is dead; who was told nothing is not asked', () => {
  const units = [
    unit('radvd', 'enabled', false),
    unit('named', 'enabled', false),
    unit('sixhub-tayga', 'enabled', false),
    unit('systemd-networkd', 'enabled', false),
  ];
  const told = [
    'systemctl reload-or-restart radvd.service',
    'systemctl --no-reload disable named',
    'systemctl --no-reload enable --now sixhub-tayga.service',
    'networkctl reload',
  ];
  expect(deadUnits(told, units)).toEqual([
    'radvd.service',
    'sixhub-tayga.service',
    'systemd-networkd.service',
  ]);
});
