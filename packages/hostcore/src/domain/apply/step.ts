/** One thing that is done, and one line of the journal. Which are done is decided before the first is. */
export type Step =
  | {
      readonly kind: 'put';
      readonly path: string;
      readonly text: string;
      readonly mode: number;
    }
  /** Somebody else's file is kept beside: as a copy where ours takes its place, moved where nothing does. */
  | { readonly kind: 'copy' | 'move'; readonly path: string; readonly as: string }
  | { readonly kind: 'remove'; readonly path: string }
  /** Words with a space between them; one that has spaces stands in single quotes. */
  | { readonly kind: 'run'; readonly command: string };

export type FileStep = Exclude<Step, { kind: 'run' }>;

export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'put':
      return `write ${step.path}`;
    case 'copy':
      return `keep ${step.path} as ${step.as}`;
    case 'move':
      return `set ${step.path} aside as ${step.as}`;
    case 'remove':
      return `remove ${step.path}`;
    case 'run':
      return step.command;
    default:
      return step satisfies never;
  }
}

/** Every path that a step may change: what a snapshot must have. */
export function pathsOf(steps: readonly Step[]): readonly string[] {
  const paths = steps.flatMap((step) => {
    if (step.kind === 'run') return [];
    return step.kind === 'copy' || step.kind === 'move' ? [step.path, step.as] : [step.path];
  });
  return [...new Set(paths)];
}
