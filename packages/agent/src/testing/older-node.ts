import { fileURLToPath } from 'node:url';
import { runProgram } from '@sixhub/base';

const extracted = fileURLToPath(
  new URL('../../../../scripts/setup/older-node.mjs', import.meta.url),
);

/** The oldest Node that hub-agent is made for, which `node scripts/setup.mjs test` fetches. */
export async function olderNode(): Promise<string> {
  const result = await runProgram(process.execPath, [extracted], { timeoutMs: 120_000 });
  if (result.kind !== 'exited' || result.code !== 0) {
    throw new Error(`no older Node: ${JSON.stringify(result)}`);
  }
  return result.stdout.trim();
}
