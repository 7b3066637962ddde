import { expect, it } from 'vitest';
import { examineUnits, type AskSystemd } from './units.js';

const well = {
  ActiveState: 'active',
  UnitFileState: 'enabled',
  Result: 'success',
  LoadState: 'loaded',
};
const systemd =
  (units: Readonly<Record<string, object>>): AskSystemd =>
  (unit) =>
    Promise.resolve(new Map(Object.entries({ ...well, ...units[unit] })));

async function statesOf(units: Readonly<Record<string, object>>): Promise<readonly string[]> {
  return (await examineUnits(systemd(units))).map(({ state }) => state);
}

it('is content with a timer and a watch that run', async () => {
  expect(await statesOf({})).toEqual(['ok', 'ok']);
});

it.each([
  [
    'a timer that does not run',
    { 'sixhub-agent.timer': { ActiveState: 'inactive' } },
    ['wrong', 'ok'],
  ],
  [
    'one that a reboot ends',
    { 'sixhub-agent.timer': { UnitFileState: 'disabled' } },
    ['doubtful', 'ok'],
  ],
  [
    'a run that failed',
    { 'sixhub-agent.service': { Result: 'exit-code' } },
    ['ok', 'doubtful', 'ok'],
  ],
  ['no watch', { 'sixhub-agent-watch.service': { ActiveState: 'inactive' } }, ['ok', 'doubtful']],
])('tells %s, with the command that mends it', async (_what, units, states) => {
  expect(await statesOf(units)).toEqual(states);
  const remedies = (await examineUnits(systemd(units))).flatMap(({ remedy }) => remedy ?? []);
  expect(remedies[0]).toMatch(/systemctl enable|journalctl/);
});

it('says what to do where there is no systemd', async () => {
  expect((await examineUnits(undefined))[0]?.remedy).toContain('cron');
});
