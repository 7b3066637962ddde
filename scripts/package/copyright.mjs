import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Texts that every Debian has, and that its packages name instead of repeating them. */
const common = { 'Apache-2.0': '/usr/share/common-licenses/Apache-2.0' };

/** Ours, then of everything that is carried along: who has the rights, and under which licence. */
export function copyrightText({ own, carried, node }) {
  return `${[
    `Sixhub\n\n${own.trim()}`,
    ...carried.map(ofModule),
    ...(node === undefined ? [] : [ofNode(node)]),
  ].join(`\n\n${'-'.repeat(78)}\n\n`)}\n`;
}

function ofModule({ place, about }) {
  const licence = about.license ?? 'licence not named';
  const head = `This package carries ${about.name} ${about.version} (${licence}).`;
  const text = common[licence] === undefined ? licenceText(place) : undefined;
  if (text !== undefined) return `${head}\n\n${text.trim()}`;
  const where =
    common[licence] === undefined
      ? 'It has no text of its own for it.'
      : `The licence is in ${common[licence]} on Debian systems.`;
  return [head, `By ${authorOf(about)}.`, where, ...noticeText(place)].join('\n');
}

function ofNode({ version, licence }) {
  return `This package carries Node.js ${version}, whole.\n\n${licence.trim()}`;
}

function licenceText(place) {
  const file = readdirSync(place).find((name) => /^(?:licen[cs]e|copying)(?:\.\w+)?$/i.test(name));
  return file === undefined ? undefined : readFileSync(join(place, file), 'utf8');
}

function noticeText(place) {
  const file = readdirSync(place).find((name) => /^notice(?:\.\w+)?$/i.test(name));
  return file === undefined ? [] : ['', readFileSync(join(place, file), 'utf8').trim()];
}

function authorOf({ author, name }) {
  if (typeof author === 'string') return author;
  return author?.name ?? `the authors of ${name}`;
}
