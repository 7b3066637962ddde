import { certificateName, type CertificateName } from '@sixhub/protocol';
import { z } from 'zod';
import { nextKeyOn } from '../agents/key-places.js';
import { noCertificate, Refusal } from '../domain/refusal.js';
import type { RolloutPlan } from '../domain/rollout.js';
import {
  rolloutPlan,
  rolloutsOf,
  viewPlan,
  viewRollout,
  type RolloutsView,
} from './rollout-view.js';
import type { Api, PeopleServices } from './services.js';

const named = z.object({ name: certificateName });

/** What a person may have a rollout do. */
const words = {
  continue: 'Go on with a rollout that is stopped, whatever stopped it',
  stop: 'Begin no further batch',
  back: 'Give all agents the version before again',
  all: 'Give the newest version to all agents that wait',
} as const;

export function rolloutRoutes(api: Api, { store, rollouts }: PeopleServices): void {
  api.get(
    '/v1/certificates/:name/rollout',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'How the newest version goes out, and how later ones will',
        params: named,
        response: { 200: rolloutsOf },
      },
    },
    ({ params }) => viewOf(params.name),
  );

  api.put(
    '/v1/certificates/:name/rollout',
    {
      config: { scope: 'write' },
      schema: {
        summary:
          'Have versions go out in batches: the next one, or each; one that is under way, too',
        params: named,
        body: rolloutPlan.extend({
          always: z.boolean().default(false).describe('each version, not the next one alone'),
        }),
        response: { 200: rolloutsOf },
      },
    },
    async ({ params: { name }, body: { always, ...plan }, actor }) => {
      await mustFit(name, plan);
      const running = await store.rollouts.of(name);
      const isUnderWay = running?.state === 'running';
      if (running?.state === 'stopped' && !always) {
        throw new Refusal(
          'conflict',
          'rollout-stopped',
          `the rollout of ${name} is stopped`,
          `\`hub rollout ${name}\` says why. Then \`--continue\`, \`--back\`, or \`--all\`.`,
        );
      }
      if (isUnderWay) await store.rollouts.replan(running.version, plan);
      if (always) await store.rollouts.planAlways(name, plan);
      else if (!isUnderWay) await store.rollouts.planNext(name, plan);
      const detail = `${always ? 'always ' : ''}${plan.batch} ${plan.first.join(' ')}`.trim();
      await store.audit.append({ actor, action: 'rollout.plan', object: name, detail });
      return viewOf(name);
    },
  );

  api.delete(
    '/v1/certificates/:name/rollout',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Have later versions go to all agents at once; one that is under way goes on',
        params: named,
        response: { 200: rolloutsOf },
      },
    },
    async ({ params: { name }, actor }) => {
      await mustExist(name);
      await store.rollouts.forgetPlans(name);
      await store.audit.append({ actor, action: 'rollout.unplan', object: name });
      return viewOf(name);
    },
  );

  const deeds: Readonly<
    Record<keyof typeof words, (name: CertificateName, actor: string) => Promise<void>>
  > = {
    continue: (name, actor) => rollouts.continue(name, actor),
    stop: (name, actor) => rollouts.halt(name, actor),
    back: (name, actor) => rollouts.back(name, actor),
    all: (name, actor) => rollouts.toAll(name, actor),
  };
  for (const [word, deed] of Object.entries(deeds)) {
    api.post(
      `/v1/certificates/:name/rollout/${word}`,
      {
        config: { scope: 'write' },
        schema: {
          summary: words[word as keyof typeof words],
          params: named,
          response: { 200: rolloutsOf },
        },
      },
      async ({ params: { name }, actor }) => {
        await mustExist(name);
        await deed(name, actor);
        void rollouts.tick(); // the next batch now, not with the schedule
        return viewOf(name);
      },
    );
  }

  async function viewOf(name: CertificateName): Promise<RolloutsView> {
    await mustExist(name);
    const rollout = await store.rollouts.of(name);
    const { always, next } = await store.rollouts.plans(name);
    return {
      rollout: rollout === undefined ? null : viewRollout(rollout, await rollouts.census(rollout)),
      always: always === undefined ? null : viewPlan(always),
      next: next === undefined || next === 'at-once' ? null : viewPlan(next),
    };
  }

  async function mustExist(name: CertificateName): Promise<void> {
    if ((await store.certificates.find(name)) === undefined) throw noCertificate(name);
  }

  /** There are machines that it can go to one after the other, and each of the first batch is one of them. */
  async function mustFit(name: CertificateName, { first }: RolloutPlan): Promise<void> {
    await mustExist(name);
    const keyOn = await nextKeyOn(name, store);
    if (keyOn !== undefined) {
      throw new Refusal(
        'conflict',
        'key-on-one-machine',
        `the private key of ${name} is on ${keyOn} and nowhere else, so that its versions go to no other machine`,
        `Nothing to roll out: \`hub renew ${name}\` gives the next version to ${keyOn} at once.`,
      );
    }
    for (const agent of first) {
      const found = await store.agents.find(agent);
      if (found?.status === 'active' && found.grants.includes(name)) continue;
      throw new Refusal(
        'conflict',
        'not-in-rollout',
        found?.status === 'active'
          ? `the agent ${agent} has no grant for ${name}, and can't be the first to get it`
          : `there is no enrolled agent ${agent} that could be the first to get ${name}`,
        `See \`hub agent list --cert ${name}\`.`,
      );
    }
  }
}
