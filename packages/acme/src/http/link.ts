/** RFC 8288, as far as RFC 8555 uses it: the targets of the links with this relation, absolute. */
export function linkTargets(header: string | undefined, relation: string, base: string): string[] {
  const links =
    header?.matchAll(/<([^>]*)>((?:\s*;\s*[a-z*]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)/gi) ?? [];
  return [...links].flatMap(([, target = '', parameters = '']) => {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i.exec(parameters);
    const relations = (rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(' ');
    return relations.includes(relation) && URL.canParse(target, base)
      ? [new URL(target, base).href]
      : [];
  });
}
