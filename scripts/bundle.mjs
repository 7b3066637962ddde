/**
 * Puts hub-agent into one file, dist/hub-agent.mjs: a run every quarter of an hour is mostly Node reading modules, and
 * two hundred of them cost three times what one file does. rolldown does it: vitest brings it along, and it is
 * maintained by the makers of Vite.
 */
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const bundle = await rolldown({
  input: here('../packages/agent/dist/main.js'),
  platform: 'node',
  // A package that is not found would otherwise be left to be found on the machine that has this file alone.
  external: /^node:/,
  onLog(level, log) {
    if (level === 'warn') throw new Error(`bundling hub-agent: ${log.message}`);
  },
});
await bundle.write({
  file: here('../packages/agent/dist/hub-agent.mjs'),
  format: 'esm',
  codeSplitting: false,
  minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
});
await bundle.close();
