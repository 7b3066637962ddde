import type { RemoteResult, SshConnection } from '../ssh/connection.js';
import { hostName } from '../ssh/target.js';
import { inForm } from '../domain/push-target.js';
import { leafIn } from './leaf.js';
import { noReceiver, otherReceiver, refusedThere } from './push-error.js';
import type { Present, PushHost } from './push-host.js';

/** Of what the hub says to assets/push-receiver.sh; the receiver refuses another one. */
const protocol = 1;

/** As the receiver ends where it is not 0. */
const refuses = 1;
const unlisted = 65;
const otherVersion = 69;

/** A host with our receiver: it gets names and content, and knows by its own list what to do with them. */
export async function openReceiver(connection: SshConnection): Promise<PushHost> {
  const host = hostName(connection.target);
  const ask = (words: readonly string[], input?: string): Promise<RemoteResult> =>
    connection.run(['sixhub-push', String(protocol), ...words].join(' '), input);
  const must = async (words: readonly string[], input?: string): Promise<string> => {
    const result = await ask(words, input);
    if (result.code === 0) return result.stdout;
    throw refusedThere(host, wordsOf(result));
  };
  const may = async (words: readonly string[]): Promise<string | undefined> => {
    const result = await ask(words);
    if (result.code === 0) return undefined;
    if (result.code === refuses) return result.stdout.trim() || 'it failed, and says nothing';
    throw refusedThere(host, wordsOf(result));
  };

  const hello = await ask(['list']);
  if (hello.code === otherVersion) throw otherReceiver(host, wordsOf(hello));
  if (hello.stderr.startsWith('sixhub-push: ')) throw refusedThere(host, wordsOf(hello));
  if (hello.code !== 0 || !hello.stdout.startsWith(`sixhub-push ${protocol}\n`)) {
    throw noReceiver(host, wordsOf(hello));
  }
  return {
    async present(name) {
      const result = await ask(['show', name]);
      if (result.code === unlisted) return { kind: 'unlisted', why: wordsOf(result) };
      if (result.code === 0) return presentIn(result.stdout);
      throw refusedThere(host, wordsOf(result));
    },
    check: (name) => may(['check', name]),
    stage: async (name, id, bundle) => {
      const content = `${inForm('joined-key-first', bundle)}sixhub-end\n`;
      await must(['stage', name, id], content);
    },
    switch: async (name, id) => void (await must(['switch', name, id])),
    reload: (name) => may(['reload', name]),
    back: async (name, id) => void (await must(['back', name, id])),
    settle: async (name, id) => void (await must(['done', name, id])),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

function wordsOf({ stdout, stderr, code }: RemoteResult): string {
  const words = (stderr.trim() || stdout.trim()).replaceAll(/^sixhub-push: /gm, '');
  return words.slice(0, 1_000) || `exit ${code ?? 'by a signal'}`;
}

/** `push ID PHASE same|changed`, then each file by `file FORM PATH` or `absent FORM PATH`, and its certificates. */
function presentIn(text: string): Present {
  const [head = '', ...sections] = text.split(/^(?=(?:file|absent) )/m);
  const [, id = '-', , sums] = head.trim().split(' ');
  const holding = sections.filter((section) => !/^\S+ (?:privkey|chain) /.test(section));
  const leaves = holding.map(leafIn);
  const [leaf] = leaves;
  return {
    kind: 'listed',
    leaf,
    whole: sums === 'same' && leaf !== undefined && leaves.every((one) => one === leaf),
    begun: id === '-' ? undefined : id,
  };
}
