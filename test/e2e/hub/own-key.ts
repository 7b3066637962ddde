import { createPrivateKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAgent, mustBe, openEstate, type AgentHouse, type Estate } from '../../lab/index.js';

/** An estate in which the agent `web` makes the key of example.org, which is delegated; nothing is issued yet. */
export interface OwnKeyEstate extends AsyncDisposable {
  readonly estate: Estate;
  readonly agent: AgentHouse;
  /** Kills it, and starts it again. */
  restartHub(): Promise<void>;
}

export async function openOwnKeyEstate(...more: readonly string[]): Promise<OwnKeyEstate> {
  const estate = await openEstate();
  try {
    const { hub, lab, nameServer } = estate;
    let daemon = await hub.serve();
    const agent = await enrolledAgent(estate, 'web');
    const asked = await mustBe(
      3,
      await hub.run(['issue', 'example.org', '--key-on', 'web', '--wait-delegation', '0', ...more]),
    );
    const target = /value {2}(\S+)/.exec(asked.stderr)?.[1];
    await nameServer.addRecord(`_acme-challenge.example.org CNAME ${target}.`);
    const restartHub = async (): Promise<void> => {
      await daemon.kill();
      daemon = await hub.serve();
    };
    return { estate, agent, restartHub, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() };
  } catch (error) {
    await estate[Symbol.asyncDispose]();
    throw error;
  }
}

export async function enrolledAgent({ hub, lab }: Estate, name: string): Promise<AgentHouse> {
  const { stdout: input } = await mustBe(0, await hub.run(['agent', 'add', name]));
  const agent = await makeAgent(lab, name);
  await mustBe(0, await agent.run(['enroll'], { input }));
  return agent;
}

/** Runs `hub WORDS`, and the agent as soon as its key is waited for; returns what `hub` told. */
export async function withKeyOf(
  { estate, agent }: OwnKeyEstate,
  words: readonly string[],
): Promise<string> {
  let asked: (() => void) | undefined;
  const wanted = new Promise<void>((resolve) => (asked = resolve));
  const told = estate.hub.run(words, {
    onLine: (line) => {
      if (line.includes('waiting for web to make its key')) asked?.();
    },
  });
  await Promise.race([wanted, told]);
  await mustBe(0, await agent.run(['run']));
  const { stdout, stderr } = await mustBe(0, await told);
  return stderr + stdout;
}

/** Every form in which the secret part of an EC key could stand in a file. */
export function formsOf(privateKeyPem: string): readonly Buffer[] {
  const { d = '' } = createPrivateKey(privateKeyPem).export({ format: 'jwk' });
  const secret = Buffer.from(d, 'base64url');
  const [, body = ''] = privateKeyPem.split('\n');
  return [
    secret,
    ...[d, secret.toString('hex'), secret.toString('hex').toUpperCase()].map((one) =>
      Buffer.from(one),
    ),
    // A line of the PEM, which has the scalar in it whole or in part.
    Buffer.from(body),
  ];
}

/** Files below a directory that hold one of these. */
export async function filesWith(
  directory: string,
  forms: readonly Buffer[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    if (forms.some((form) => content.includes(form))) found.push(path);
  }
  return found;
}
