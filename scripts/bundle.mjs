/**
 * Puts hub-agent and hostcore into one file each: a run of the agent every quarter of an hour is mostly Node reading
 * modules, and two hundred of them cost three times what one file does; a person waits for hostcore.
 */
import { fileURLToPath } from 'node:url';
import { bundleIntoOneFile } from './bundle/one-file.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await bundleIntoOneFile({
  input: here('../packages/agent/dist/main.js'),
  file: here('../packages/agent/dist/hub-agent.mjs'),
});
await bundleIntoOneFile({
  input: here('../packages/hostcore/dist/main.js'),
  file: here('../packages/hostcore/dist/hostcore.mjs'),
});
