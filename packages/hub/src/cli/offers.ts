import type { TypedSoFar } from '@sixhub/base';
import type {
  AgentView,
  AlertView,
  ChannelView,
  AuthorityView,
  CertificateView,
} from './answers.js';

/** What a shell offers at TAB, asked from the running hub: nothing where it is down, or takes longer than a person waits. */

const patienceMs = 1_000;

type Names = (typed: TypedSoFar) => Promise<readonly string[]>;

export const certificateNames: Names = async (typed) => {
  const [answer] = await ask<{ certificates: readonly CertificateView[] }>(
    typed,
    '/v1/certificates?limit=1000',
  );
  return answer?.certificates.map(({ name }) => name) ?? [];
};

export const agentNames: Names = async (typed) => (await agents(typed)).map(({ name }) => name);

export const pushTargetNames: Names = async (typed) => {
  const [answer] = await ask<{ targets: readonly { name: string }[] }>(typed, '/v1/push-targets');
  return answer?.targets.map(({ name }) => name) ?? [];
};

/** Of the agent that is named before. */
export const grantsOfAgent: Names = async (typed) =>
  (await agents(typed)).find(({ name }) => name === typed.operands[0])?.grants ?? [];

export const authorityNames: Names = async (typed) => {
  const [answer] = await ask<{ authorities: readonly AuthorityView[] }>(typed, '/v1/authorities');
  return answer?.authorities.map(({ name }) => name) ?? [];
};

export const tokenNames: Names = async (typed) => {
  const [answer] = await ask<{ tokens: readonly { name: string }[] }>(typed, '/v1/tokens');
  return answer?.tokens.map(({ name }) => name) ?? [];
};

export const alertNames: Names = async (typed) => {
  const [answer] = await ask<{ alerts: readonly AlertView[] }>(typed, '/v1/alerts');
  return answer?.alerts.map(({ id }) => id) ?? [];
};

export const channelNames: Names = async (typed) => {
  const [answer] = await ask<{ channels: readonly ChannelView[] }>(typed, '/v1/alerts');
  return answer?.channels.map(({ name }) => name) ?? [];
};

async function agents(typed: TypedSoFar): Promise<readonly AgentView[]> {
  const [answer] = await ask<{ agents: readonly AgentView[] }>(typed, '/v1/agents?limit=1000');
  return answer?.agents ?? [];
}

/** A document is one line, which can be waited for as long as one likes. */
async function ask<T>({ options }: TypedSoFar, path: string): Promise<readonly T[]> {
  const { connectHub } = await import('./client.js');
  const hub = await connectHub({ config: options['config'], socket: options['socket'] });
  const answers: T[] = [];
  for await (const answer of hub.lines<T>(path, AbortSignal.timeout(patienceMs)))
    answers.push(answer);
  return answers;
}
