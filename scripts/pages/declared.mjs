import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** By the file that declares it and the name under which it does. */
const declarations = [
  ['packages/hub/dist/cli/program.js', 'hub'],
  ['packages/agent/dist/cli/program.js', 'hubAgent'],
  ['packages/acme-dns/dist/cli/program.js', 'program'],
  ['packages/hostcore/dist/cli/program.js', 'hostcore'],
];

/** What the four commands say of themselves. */
export function declaredPrograms() {
  return Promise.all(
    declarations.map(async ([file, name]) => (await import(join(root, file)))[name]),
  );
}
