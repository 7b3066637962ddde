import { spawnSync } from 'node:child_process';
import {
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { controlText, installedKiB, sumsText } from './control-files.mjs';
import { maintainerScripts } from './maintainer-scripts.mjs';
import { PackageError } from './package-error.mjs';

/** Lays a package out and has dpkg-deb pack it; returns the file. The same input gives the same bytes. */
export function writeArchive(about, { entries, program, release, out, level }) {
  const { architecture } = program;
  const control = [
    {
      name: 'control',
      text: controlText(about, {
        release,
        architecture,
        preDepends: [...(about.runsOn ?? []), ...program.runsOn],
        depends: about.depends ?? [],
        installedKiB: installedKiB(entries),
      }),
    },
    { name: 'md5sums', text: sumsText(entries.filter((entry) => isSummed(entry, about))) },
    ...conffiles(about),
    ...maintainerScripts(about, release).map((script) => ({ ...script, mode: 0o755 })),
  ].map(({ name, text, mode = 0o644 }) => ({
    path: `DEBIAN/${name}`,
    content: Buffer.from(text),
    mode,
  }));
  const tree = mkdtempSync(join(tmpdir(), 'sixhub-package-'));
  try {
    layOut(tree, [{ path: 'DEBIAN', mode: 0o755 }, ...control, ...entries], release.epoch);
    mkdirSync(out, { recursive: true });
    const file = join(out, `${about.name}_${release.version}_${architecture}.deb`);
    pack(tree, file, { ...release, level });
    removeOthers(about, out, basename(file));
    return file;
  } finally {
    rmSync(tree, { recursive: true });
  }
}

/** So that NAME_*.deb, as the docs have it, is one file, and the newest. */
function removeOthers({ name }, out, newest) {
  for (const file of readdirSync(out)) {
    if (file === newest || !file.startsWith(`${name}_`) || !file.endsWith('.deb')) continue;
    rmSync(join(out, file));
  }
}

function conffiles({ conffiles: list = [] }) {
  if (list.length === 0) return [];
  return [{ name: 'conffiles', text: list.map(({ path }) => `/${path}\n`).join('') }];
}

function isSummed({ path, content }, { conffiles: list = [] }) {
  return content !== undefined && !list.some((conffile) => conffile.path === path);
}

/** Whatever the umask is here. */
function layOut(tree, entries, epoch) {
  chmodSync(tree, 0o755);
  for (const { path, mode, content, link } of entries) {
    const place = join(tree, path);
    if (link !== undefined) {
      symlinkSync(link, place);
    } else {
      if (content === undefined) mkdirSync(place);
      else writeFileSync(place, content);
      chmodSync(place, mode);
    }
  }
  // From the inside out: what is made in a directory changes its time.
  for (const { path } of [...entries].toReversed()) lutimesSync(join(tree, path), epoch, epoch);
  lutimesSync(tree, epoch, epoch);
}

function pack(tree, file, { epoch, level }) {
  const compression = level === 'fast' ? ['-Zgzip', '-z1'] : ['-Zxz', `-z${level}`];
  const { status, stderr, error } = spawnSync(
    'dpkg-deb',
    ['--root-owner-group', ...compression, '--build', tree, file],
    { encoding: 'utf8', env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch), LC_ALL: 'C' } },
  );
  if (status === 0) return;
  throw new PackageError(
    `dpkg-deb could not make ${file}: ${stderr?.trim() || error?.message}`,
    "dpkg-deb is in Debian's package dpkg.",
  );
}
