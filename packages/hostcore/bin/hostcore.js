#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/hostcore.mjs', import.meta.url);
if (existsSync(main)) {
  await import(main);
} else {
  process.stderr.write(
    'error: this checkout is not built yet\n  Run `npm run setup` in it once.\n',
  );
  process.exitCode = 2;
}
