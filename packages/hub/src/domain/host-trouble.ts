import type { DescribedHost } from './agent.js';
import type { Alert } from './alert.js';

/** hostcore looks each hour; a day without is no delay any more. */
const lookedAfterMs = 86_400_000;

/** What is the matter with a physical host, in words; undefined where it is as described, and was looked at lately. */
export function hostTrouble(
  name: string,
  { state, since, at, count, troubles, broken }: DescribedHost,
  now: Date,
): Pick<Alert, 'headline' | 'fact' | 'fix' | 'since'> | undefined {
  const [first] = troubles;
  if (now.getTime() - Date.parse(at) > lookedAfterMs) {
    return {
      headline: `nobody looks at the host ${name} any more`,
      fact: 'hostcore looked last more than a day ago, so that how it is now is not known',
      fix: `On ${name}: \`systemctl status sixhub-hostcore-drift.timer sixhub-hostcore-drift.service\`.`,
      since: new Date(at),
    };
  }
  if (state === 'right') return undefined;
  const more = count > 1 ? `; and ${count - 1} more` : '';
  return {
    headline: broken ? `the host ${name} does not do what it should` : headlines[state](name),
    fact: `${(first?.what ?? 'hostcore gave no reason').replace(/\.$/, '')}${more}`,
    fix:
      first?.remedy === undefined
        ? `On ${name}: \`hostcore plan\` shows each line, \`hostcore verify\` what works.`
        : `On ${name}: ${first.remedy}`,
    since: new Date(since),
  };
}

const headlines: Readonly<
  Record<Exclude<DescribedHost['state'], 'right'>, (name: string) => string>
> = {
  drifted: (name) => `the host ${name} is not as host.toml has it`,
  unknown: (name) => `not all of the host ${name} could be looked at`,
  failed: (name) => `the host ${name} could not be looked at`,
};
