import type { RenderedFile } from '../rendered.js';

export interface ModeChange extends Pick<RenderedFile, 'path' | 'taker' | 'mode'> {
  readonly action: 'change';
  readonly edited: false;
  readonly why: string;
  readonly diff: readonly string[];
}

/** A file as it should be, but open to more people: netplan warns of one that others may read. */
export function modeChange(file: RenderedFile, present: number | undefined): readonly ModeChange[] {
  const { path, mode, taker, kind, purpose } = file;
  if (present === undefined || kind === 'block' || (present & ~mode) === 0) return [];
  const shown = (one: number): string => `mode ${one.toString(8).padStart(4, '0')}`;
  return [
    {
      ...{ path, taker, mode, action: 'change', edited: false },
      why: `${purpose} Others may ${(present & ~mode & 0o022) === 0 ? 'read' : 'write'} it, and must not.`,
      diff: [`-${shown(present)}`, `+${shown(mode)}`],
    },
  ];
}
