import { expect, test } from 'vitest';
import { enabledUnits, places, readAgentFiles, type AgentFile } from './agent-files.js';
import { parseSurvey, type Found, type FoundFile } from './found.js';
import { planInstallation, planRemoval, type Plan, type Wanted } from './plan.js';

const file = (path: string, mode = 0o644): AgentFile => ({
  path,
  mode,
  content: Buffer.from(path),
  sha256: path,
});
const files = {
  program: file(places.program),
  launcher: file(places.launcher, 0o755),
  units: [...enabledUnits, 'sixhub-agent.service'].map((name) => file(`${places.units}/${name}`)),
};
const all = [files.program, files.launcher, ...files.units];
const bare = parseSurvey('system Debian\nnode v18.20.4\napt yes\nsystemd yes\n');
const now = new Date('2026-11-25T00:00:00Z');
const wanted: Wanted = {
  name: 'web',
  grants: ['a'],
  files,
  installNode: false,
  known: undefined,
  authorities: ['ours', 'ours too'],
  now,
};
const { authorities } = wanted;
const identity = {
  ...{ agent: 'web', hubs: ['https://hub:8444'], validUntil: '2027-01-01T00:00:00Z' },
  authorities: ['ours too'],
};
const known = { status: 'active', grants: ['a'] } as const;
const complete: Found = {
  ...bare,
  files: new Map<string, FoundFile>([
    ...all.map(({ path, mode, sha256 }) => [path, { mode, sha256 }] as const),
    [places.directory, { mode: undefined, sha256: undefined }],
    [places.state, { mode: undefined, sha256: undefined }],
  ]),
  units: new Map(enabledUnits.map((unit) => [unit, { isEnabled: true, isActive: true }])),
  identity,
  certificates: [{ current: true }],
};
const kinds = (plan: Plan): readonly string[] =>
  plan.kind === 'obstacle'
    ? [plan.obstacle.kind]
    : plan.steps.map((step) => (step.kind === 'systemctl' ? (step.words[0] ?? '') : step.kind));

test('on a bare machine, everything', () => {
  expect(kinds(planInstallation(bare, wanted))).toEqual([
    'make-directory',
    ...all.map(() => 'write'),
    ...['daemon-reload', 'enrol', 'run', 'detect', 'run', 'enable'],
  ]);
});

test('where all is in place, nothing', () => {
  expect(kinds(planInstallation(complete, { ...wanted, known }))).toEqual([]);
});

test('without systemd, no unit is written or started', () => {
  const steps = kinds(planInstallation({ ...bare, runsSystemd: false }, wanted));
  expect(steps).toEqual(['make-directory', 'write', 'write', 'enrol', 'run', 'detect', 'run']);
});

test('one thing that is amiss is mended, and what runs is started anew with a new program', () => {
  const without = (path: string): Found => ({
    ...complete,
    files: new Map([...complete.files].filter(([at]) => at !== path)),
  });
  const plan = (found: Found, more: Partial<Wanted> = {}): readonly string[] =>
    kinds(planInstallation(found, { ...wanted, known, ...more }));
  expect(plan(without(places.program))).toEqual(['write', 'run', 'detect', 'run', 'restart']);
  expect(plan(without(`${places.units}/sixhub-agent.timer`))).toEqual([
    'write',
    'daemon-reload',
    'run',
    'detect',
    'run',
    'restart',
  ]);
  expect(plan({ ...complete, units: new Map() })).toEqual(['enable']);
  expect(plan({ ...complete, wantsDetection: true })).toEqual(['detect', 'run']);
  expect(plan({ ...complete, certificates: [] })).toEqual(['run', 'detect', 'run']);
  expect(plan(complete, { grants: ['a', 'b'] })).toEqual(['grant', 'run', 'detect', 'run']);
  expect(plan(complete, { known: { ...known, status: 'removed' } })).toEqual([
    'enrol',
    'run',
    'detect',
    'run',
  ]);
  const expired = { ...complete, identity: { ...identity, validUntil: '2026-01-01T00:00:00Z' } };
  expect(plan(expired)).toEqual(['enrol', 'run', 'detect', 'run']);
});

test('a file with another mode is written anew', () => {
  const found = {
    ...complete,
    files: new Map([
      ...complete.files,
      [places.launcher, { mode: 0o777, sha256: places.launcher }],
    ]),
  };
  expect(kinds(planInstallation(found, { ...wanted, known }))[0]).toBe('write');
});

test('what a person has to decide', () => {
  const of = (found: Found, more: Partial<Wanted> = {}): readonly string[] =>
    kinds(planInstallation(found, { ...wanted, ...more }));
  expect(of({ ...bare, node: undefined })).toEqual(['no-node']);
  expect(of({ ...bare, node: '12.22.12' })).toEqual(['no-node']);
  expect(of({ ...bare, node: undefined }, { installNode: true })[0]).toBe('install-node');
  expect(of({ ...bare, node: undefined, hasApt: false }, { installNode: true })).toEqual([
    'no-node',
  ]);
  expect(of({ ...bare, packagedBy: 'sixhub-agent' })).toEqual(['packaged']);
  expect(of(complete, { name: 'other' })).toEqual(['other-identity']);
  expect(of(complete, { known: undefined }), 'of another hub').toEqual(['other-identity']);
  expect(of(bare, { known })).toEqual(['name-taken']);
});

test('removal undoes what is found, and nothing else', () => {
  expect(kinds(planRemoval(complete, { name: 'web', known, authorities }))).toEqual([
    ...['disable', 'remove-agent', 'delete', 'delete', 'delete', 'daemon-reload'],
    ...['delete', 'delete', 'delete'],
  ]);
  expect(kinds(planRemoval(bare, { name: undefined, known: undefined, authorities }))).toEqual([]);
  expect(
    kinds(
      planRemoval({ ...complete, packagedBy: 'sixhub-agent' }, { name: 'web', known, authorities }),
    ),
  ).toEqual(['packaged']);
});

test('the files of this checkout are those of the plan', async () => {
  const real = await readAgentFiles();
  expect(real.units.map(({ path }) => path)).toEqual(
    files.units.map(({ path }) => path).toSorted(),
  );
});

test('a survey of anything at all is read as a machine with nothing', () => {
  expect(
    parseSurvey('status {"identity":3,"certificates":[1]}\ndetected [\nunit\nfile\nnode'),
  ).toMatchObject({
    node: undefined,
    identity: undefined,
    certificates: [],
    wantsDetection: false,
  });
});

test('a namesake of another hub is not taken for ours; one of before, that does not tell its CA, is', () => {
  const other = { ...complete, identity: { ...identity, authorities: ['theirs'] } };
  expect(kinds(planInstallation(other, { ...wanted, known }))).toEqual(['other-identity']);
  expect(kinds(planRemoval(other, { name: 'web', known, authorities }))).not.toContain(
    'remove-agent',
  );
  const { authorities: _, ...before } = identity;
  expect(kinds(planInstallation({ ...complete, identity: before }, { ...wanted, known }))).toEqual(
    [],
  );
});
