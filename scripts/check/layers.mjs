import { cruise } from 'dependency-cruiser';
import house, { packageNames } from '../../.dependency-cruiser.mjs';

/**
 * Holds every import of the packages below `baseDir` against the house's rules and returns one line a breach.
 * A cruise that read nothing finds nothing (with a compiler that it does not know it is silently so),
 * therefore a package none of whose files was read is a breach too.
 */
export async function layerBreaches(baseDir) {
  const { output } = await cruise(['packages/*/src'], {
    ...house.options,
    baseDir,
    ruleSet: { forbidden: house.forbidden },
    validate: true,
  });
  const read = output.modules.map((module) => module.source);
  const unread = packageNames.filter(
    (name) => !read.some((source) => source.startsWith(`packages/${name}/src/`)),
  );
  return {
    modules: read.length,
    breaches: [
      ...unread.map((name) => `not-read: no module of packages/${name}/src was read`),
      ...output.summary.violations.map((v) => `${v.rule.name}: ${v.from} → ${v.to}`),
    ],
  };
}
