import { openLab } from '../lab/index.js';
import { runExamples } from './examples.js';
import { runPage } from './page.js';
import { openWorld } from './world.js';

/** Runs on a machine of its own (lab/machine.ts): `examples`, or `page FILE`. Tells each command as a line of JSON. */

await using lab = await openLab();
const world = await openWorld(lab);
const [what, file = ''] = process.argv.slice(2);
const ran = what === 'examples' ? runExamples(world) : runPage(world, file);
for await (const command of ran) process.stdout.write(`${JSON.stringify(command)}\n`);
