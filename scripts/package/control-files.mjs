import { createHash } from 'node:crypto';

/** deb-control(5) */
export function controlText(about, { release, architecture, preDepends, depends, installedKiB }) {
  const fields = [
    ['Package', about.name],
    ['Source', 'sixhub'],
    ['Version', release.version],
    ['Architecture', architecture],
    ['Maintainer', release.maintainer],
    ['Installed-Size', String(installedKiB)],
    // Where these are not as they should be, dpkg unpacks nothing; of Depends it would tell afterwards.
    ['Pre-Depends', preDepends.join(', ')],
    ['Depends', depends.join(', ')],
    ['Recommends', (about.recommends ?? []).join(', ')],
    ['Conflicts', (about.conflicts ?? []).join(', ')],
    ['Section', 'net'],
    ['Priority', 'optional'],
    ['Description', [about.summary, ...description(about.description)].join('\n')],
  ];
  const lines = fields
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}`);
  return `${lines.join('\n')}\n`;
}

function description(paragraphs) {
  return paragraphs.flatMap((text, index) => [
    ...(index === 0 ? [] : [' .']),
    ...(text.match(/\S.{0,75}(?= |$)/g) ?? []).map((line) => ` ${line}`),
  ]);
}

/** deb-changelog(5): these packages are made from commits, whose own words are in git. */
export function changelogText({ version, commit, date, maintainer }) {
  const from = commit === '' ? 'an unpacked release' : `commit ${commit}`;
  return [
    `sixhub (${version}) unstable; urgency=medium`,
    '',
    `  * Made from ${from}.`,
    '  * What is new is in changelog.gz beside this file.',
    '',
    ` -- ${maintainer}  ${date.toUTCString().replace('GMT', '+0000')}`,
    '',
  ].join('\n');
}

/** For `dpkg --verify`; conffiles are not among them, dpkg keeps their sums apart. */
export function sumsText(files) {
  return files
    .map(({ path, content }) => `${createHash('md5').update(content).digest('hex')}  ${path}\n`)
    .join('');
}

/** As dpkg counts: whole KiB a file, one for anything else. */
export function installedKiB(entries) {
  return entries.reduce(
    (sum, { content }) => sum + (content === undefined ? 1 : Math.ceil(content.length / 1_024)),
    0,
  );
}
