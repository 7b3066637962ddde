/** RFC 6125 §6.4.3: a wildcard stands for one label, the leftmost. */
export function covers(names: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase().replace(/\.$/, '');
  const parent = wanted.slice(wanted.indexOf('.') + 1);
  return names.some((name) => name === wanted || (name === `*.${parent}` && parent !== wanted));
}
