import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pagesOf } from '../pages/pages-of.mjs';
import { changelogText } from './control-files.mjs';
import { copyrightText } from './copyright.mjs';

/** All that a package puts on a machine: files with their content, links and directories, below `/`. */
export async function packageTree(about, { root, release, programs, program }) {
  const doc = `usr/share/doc/${about.name}`;
  const read = (path) => readFileSync(join(root, path));
  const own = copyrightText({
    own: read('LICENSE').toString(),
    carried: program.carried,
    node: program.node,
  });
  const entries = [
    ...program.files,
    ...(await manuals(about, programs, release)),
    ...unitFiles(about, root),
    ...settings(about),
    ...(about.conffiles ?? []).map(({ path, from, mode }) => ({ path, content: read(from), mode })),
    ...(about.overrides === undefined
      ? []
      : [{ path: `usr/share/lintian/overrides/${about.name}`, content: lines(about.overrides) }]),
    { path: `${doc}/copyright`, content: own },
    { path: `${doc}/changelog.gz`, content: gzip(read('CHANGELOG.md')) },
    { path: `${doc}/changelog.Debian.gz`, content: gzip(changelogText(release)) },
    ...about.docs.flatMap((path) => docFiles(path, doc, root)),
  ];
  return withDirectories(entries.map(asBytes), about.directories ?? []);
}

async function manuals(about, programs, { date }) {
  const own = programs.find(({ name }) => name === about.program);
  const seeAlso = programs.map(({ name }) => name).filter((name) => name !== about.program);
  const pages = await pagesOf(own, { date, seeAlso });
  return pages.map(({ path, text }) => {
    const other = /^\.so man1\/(.*)\n$/.exec(text)?.[1];
    if (other !== undefined) return { path: `${path}.gz`, link: `${other}.gz` };
    return path.includes('/man/')
      ? { path: `${path}.gz`, content: gzip(text) }
      : { path, content: text };
  });
}

function unitFiles({ units, alsoStopped = [], form }, root) {
  return [...units, ...alsoStopped].map((unit) => ({
    path: `usr/lib/systemd/system/${unit}`,
    content: readFileSync(join(root, 'packages', form.workspace, 'systemd', unit)),
  }));
}

function settings({ name, sysusers, tmpfiles }) {
  return [
    ...(sysusers === undefined
      ? []
      : [{ path: `usr/lib/sysusers.d/${name}.conf`, content: lines(sysusers) }]),
    ...(tmpfiles === undefined
      ? []
      : [{ path: `usr/lib/tmpfiles.d/${name}.conf`, content: lines(tmpfiles) }]),
  ];
}

/** A page goes beside the others; a directory keeps its name, for the links between its pages. */
function docFiles(path, doc, root) {
  if (path.endsWith('.md')) {
    return [{ path: join(doc, basename(path)), content: readFileSync(join(root, path)) }];
  }
  return readdirSync(join(root, path), { recursive: true })
    .filter((file) => file.endsWith('.md'))
    .map((file) => ({
      path: join(doc, path, file),
      content: readFileSync(join(root, path, file)),
    }));
}

/** Parents before what is in them, and all in one order, which no file system's own order changes. */
function withDirectories(entries, more) {
  const directories = new Set();
  const above = (path) => {
    if (path === '.' || directories.has(path)) return;
    directories.add(path);
    above(dirname(path));
  };
  for (const { path } of entries) above(dirname(path));
  for (const path of more) above(path);
  return [...[...directories].map((path) => ({ path, mode: 0o755 })), ...entries].toSorted(
    (one, other) => (one.path < other.path ? -1 : 1),
  );
}

function asBytes(entry) {
  if (entry.link !== undefined) return entry;
  return { mode: 0o644, ...entry, content: Buffer.from(entry.content) };
}

/** As `gzip -n -9`: neither a name nor a time in it. */
function gzip(content) {
  return gzipSync(content, { level: 9 });
}

function lines(texts) {
  return `${texts.join('\n')}\n`;
}
