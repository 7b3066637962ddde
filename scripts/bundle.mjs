/**
 * Puts hub-agent into one file, dist/hub-agent.mjs: a run every quarter of an hour is mostly Node reading modules, and
 * two hundred of them cost three times what one file does.
 */
import { fileURLToPath } from 'node:url';
import { bundleIntoOneFile } from './bundle/one-file.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await bundleIntoOneFile({
  input: here('../packages/agent/dist/main.js'),
  file: here('../packages/agent/dist/hub-agent.mjs'),
});
