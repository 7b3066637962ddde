import { keptSuffix, withBlock, withoutMacRewriting, type FileChange } from '../plan/files.js';
import type { RenderedFile } from '../rendered.js';
import type { FileStep } from './step.js';

/** What the plan says of files, as steps. `isFree` is asked before anything is kept under a name: nothing kept is lost. */
export function fileSteps(
  changes: readonly FileChange[],
  rendered: readonly RenderedFile[],
  present: ReadonlyMap<string, string>,
  isFree: (path: string) => boolean,
): readonly FileStep[] {
  return changes.flatMap((change) => stepsFor(change, rendered, present, isFree));
}

function stepsFor(
  { path, action }: FileChange,
  rendered: readonly RenderedFile[],
  present: ReadonlyMap<string, string>,
  isFree: (path: string) => boolean,
): readonly FileStep[] {
  const as = keptName(path, isFree);
  const file = rendered.find((one) => one.path === path);
  const text = present.get(path) ?? '';
  switch (action) {
    case 'create':
    case 'change':
      if (file === undefined)
        return [{ kind: 'put', path, text: withoutMacRewriting(text), mode: 0o755 }];
      return [put(file, text)];
    case 'replace':
      return file === undefined ? [] : [{ kind: 'copy', path, as }, put(file, text)];
    case 'set-aside':
      return [{ kind: 'move', path, as }];
    case 'remove':
      return [{ kind: 'remove', path }];
    default:
      return action satisfies never;
  }
}

function put({ path, kind, text, mode, instead }: RenderedFile, present: string): FileStep {
  const whole = kind === 'block' ? withBlock(present, text, instead) : text;
  return { kind: 'put', path, text: whole, mode };
}

/** Where somebody else's file is kept: what was kept there before is not lost for it. */
export function keptName(path: string, isFree: (path: string) => boolean): string {
  const name = `${path}${keptSuffix}`;
  if (isFree(name)) return name;
  for (let count = 2; ; count++) if (isFree(`${name}.${count}`)) return `${name}.${count}`;
}
