import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { mustBe, openEstate, type HubHouse } from '../../lab/index.js';
import { requestsOf } from './agent-requests.js';
import { copyOf, enrolledHouse } from './copied-machine.js';

/** The oldest first, as `actor action object`; an address is `network`. */
async function audited(hub: HubHouse): Promise<readonly string[]> {
  const words = ['audit', 'list', '--limit', '200', '--json'];
  const { lines } = JSON.parse((await mustBe(0, await hub.run(words))).stdout);
  return lines
    .map(({ actor, action, object }: Record<'actor' | 'action' | 'object', string>) => {
      const who = /[.:]\d|::/.test(actor) ? 'network' : actor.replace(/^socket.*/, 'socket');
      return `${who} ${action} ${object}`;
    })
    .filter((line: string) => / (agent|bundle|ca)\./.test(line));
}

test('each change of agents and grants, each enrolment and refusal, each key that was read', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const web = await enrolledHouse(estate, 'web');
  const requests = await requestsOf(hub, web);
  await requests.send('GET', '/v1/agent/bundles/example.org');
  await mustBe(0, await hub.run(['agent', 'grant', 'web', 'example.org']));
  await mustBe(0, await web.run(['run']));
  await mustBe(0, await hub.run(['agent', 'ungrant', 'web', 'example.org']));
  await mustBe(0, await hub.run(['ca', 'rotate']));
  await mustBe(0, await web.run(['run']));
  const copy = await copyOf(lab, web, 'copy');
  await mustBe(0, await copy.run(['run']));
  await mustBe(0, await web.run(['run']));
  await mustBe(0, await hub.run(['ca', 'finish']));
  await mustBe(0, await hub.run(['agent', 'remove', 'web']));
  for (const machine of [web, copy, web]) expect((await machine.run(['run'])).code).toBe(1);
  const sha256 = expect.stringMatching(/^(socket|hub) ca\.\w+ [0-9a-f]{64}$/);
  const lines = await audited(hub);
  expect(lines.filter((line) => !line.includes(' ca.'))).toEqual([
    'socket agent.add web',
    'network agent.enrol web',
    'agent:web bundle.refused example.org',
    'socket agent.grant web',
    'agent:web bundle.read example.org',
    'socket agent.ungrant web',
    'agent:web agent.identity web',
    'agent:web agent.copied web',
    'socket agent.remove web',
    'network agent.refused web',
  ]);
  expect(lines.filter((line) => line.includes(' ca.'))).toEqual([sha256, sha256]);
  await mustBe(0, await hub.run(['audit', 'verify']));
  await rm(copy.state, { recursive: true });
}, 180_000);
