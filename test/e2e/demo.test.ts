import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { checkoutRoot } from '../lab/index.js';

/** The demonstration as built; what it prints, and the lab that it made. */
async function runDemo(onText: (text: string, interrupt: () => void) => void) {
  const child = spawn(process.execPath, [join(checkoutRoot, 'test/dist/demo/main.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      onText(text, () => child.kill('SIGINT'));
    });
  }
  await once(child, 'close');
  return {
    code: child.exitCode,
    text,
    directory: /\/\S+\/sixhub-lab-[\w-]+/.exec(text)?.[0] ?? '',
  };
}

test('the demonstration proves both versions and leaves nothing behind', async () => {
  const { code, text, directory } = await runDemo(() => undefined);
  expect(code, text).toBe(0);
  expect(text.match(/verdict {3}ok/g), text).toHaveLength(2);
  expect(text).toContain('names     example.org, *.example.org');
  expect(text).not.toMatch(/sixhub1\.\S{40}/);
  expect(directory).not.toBe('');
  expect(existsSync(directory)).toBe(false);
});

test('interrupted in the middle, it says so and leaves nothing behind', async () => {
  let sent = false;
  const { code, text, directory } = await runDemo((soFar, interrupt) => {
    if (sent || !soFar.includes('hub issue')) return;
    sent = true;
    interrupt();
  });
  expect(code, text).toBe(130);
  expect(text).toContain('stopped by SIGINT');
  expect(existsSync(directory)).toBe(false);
});
