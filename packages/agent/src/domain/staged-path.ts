/** Where a copy is made ready: beside its place, so that one rename puts it there; hidden, so that nobody loads it. */
export const stagedEnding = '.sixhub-new';

export function stagedPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return `${path.slice(0, slash)}/.${path.slice(slash + 1)}${stagedEnding}`;
}
