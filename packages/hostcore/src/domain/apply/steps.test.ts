import { expect, test } from 'vitest';
import type { FileChange } from '../plan/files.js';
import type { Plan } from '../plan/plan.js';
import { hostOf } from '../../testing/sample-host.js';
import { describeStep } from './step.js';
import { applySteps } from './steps.js';
import type { UnitState } from './units.js';

function steps(plan: Partial<Plan>, units: readonly UnitState[] = []): readonly string[] {
  return applySteps({
    plan: {
      ...{ packages: [], users: [], files: [], kernel: [], services: [] },
      ...{ session: { kind: 'none' }, ...plan },
    },
    facts: {
      ...{ release: undefined, hostname: undefined, kernel: undefined, packages: undefined },
      files: new Map(),
    },
    ...{ host: hostOf(), rendered: [], units, isFree: () => true },
  }).map(describeStep);
}

const removed = (path: string): FileChange => ({
  ...{ path, action: 'remove', edited: false, why: '', diff: [], taker: { kind: 'none' } },
});

test('a unit that was masked is known to PID 1 as not masked before it is started', () => {
  const services = ['systemctl unmask radvd.service', 'systemctl enable --now radvd.service'].map(
    (command) => ({ what: '', command, because: [] }),
  );
  expect(steps({ services })).toEqual([
    'systemctl unmask radvd.service',
    'systemctl --no-reload enable --now radvd.service',
  ]);
  const masked = { unit: 'radvd.service', there: true, file: 'masked', active: false };
  const reload = [{ what: '', command: 'systemctl reload-or-restart radvd.service', because: [] }];
  expect(steps({ services: reload }, [masked])).toEqual([
    'systemctl unmask radvd.service',
    'systemctl --no-reload enable radvd.service',
    'systemctl reload-or-restart radvd.service',
  ]);
});

test('jool ends while its file is there: else the kernel goes on translating', () => {
  const files = [removed('/etc/jool/jool.conf')];
  expect(steps({ files })).toEqual([
    'systemctl --no-reload disable --now jool.service',
    'remove /etc/jool/jool.conf',
  ]);
});

test('a daemon whose package is gone is not ended: systemctl would refuse, and the apply with it', () => {
  const gone = { unit: 'radvd.service', there: false, file: '', active: false };
  const files = [removed('/etc/radvd.conf')];
  expect(steps({ files }, [gone])).toEqual(['remove /etc/radvd.conf']);
  expect(steps({ files }, [{ ...gone, there: true, file: 'enabled' }])).toContain(
    'systemctl --no-reload disable --now radvd.service',
  );
});

test('networkd that somebody masked, as one does who has ifupdown, is unmasked before it takes over', () => {
  const services = ['systemctl enable --now systemd-networkd', 'networkctl reload'].map(
    (command) => ({ what: '', command, because: [] }),
  );
  const masked = { unit: 'systemd-networkd.service', there: true, file: 'masked', active: false };
  expect(steps({ services }, [masked])).toEqual([
    'systemctl unmask systemd-networkd.service',
    'systemctl --no-reload enable --now systemd-networkd',
    'systemctl start systemd-networkd.service',
  ]);
  expect(steps({ services }, [{ ...masked, file: 'enabled', active: true }])).toEqual([
    'systemctl --no-reload enable --now systemd-networkd',
    'networkctl reload',
  ]);
});

test('who fights for a device ends before the file that it goes by', () => {
  const service = { what: '', command: 'systemctl disable --now tayga.service', because: [] };
  expect(steps({ services: [service], files: [removed('/etc/tayga.conf')] })).toEqual([
    'systemctl --no-reload disable --now tayga.service',
    'remove /etc/tayga.conf',
  ]);
});
