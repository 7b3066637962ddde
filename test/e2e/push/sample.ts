import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, type ProgramResult } from '@sixhub/base';
import { checkoutRoot, programFile, runTool } from '../../lab/index.js';

export const receiver = join(checkoutRoot, 'packages/hub/assets/push-receiver.sh');
/** What hosts have for sh. */
export const shells = [
  ['dash', [programFile('dash')]],
  ['busybox', [programFile('busybox'), 'sh']],
] as const;

/** A certificate with its key, and as the hub sends it. */
export interface Sample {
  readonly key: string;
  readonly certificate: string;
  readonly bundle: string;
}

export async function sample(place: string, name: string): Promise<Sample> {
  const [key, certificate] = [join(place, `${name}.key`), join(place, `${name}.crt`)];
  await runTool('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-subj', `/CN=${name}`, '-keyout', key, '-out', certificate],
  ]);
  const [keyText, text] = [await readFile(key, 'utf8'), await readFile(certificate, 'utf8')];
  return { key: keyText, certificate: text, bundle: `${keyText}${text}${text}sixhub-end\n` };
}

export type Ended = Extract<ProgramResult, { kind: 'exited' | 'killed' }>;

/** As sshd starts it for the hub's key. */
export async function callReceiver(
  command: readonly string[],
  request: string | undefined,
  input = '',
): Promise<Ended> {
  const [program = '', ...args] = command;
  const result = await runProgram(program, args, {
    input,
    env: {
      PATH: '/nowhere',
      ...(request === undefined ? {} : { SSH_ORIGINAL_COMMAND: request }),
    },
  });
  if (result.kind === 'exited' || result.kind === 'killed') return result;
  throw new Error(JSON.stringify(result));
}
