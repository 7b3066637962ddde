import type { CommentMark } from './rendered.js';
import type { Digest } from './stable-address.js';

/**
 * The lines with which each file begins: where it comes from, how to change it, and the sum of what follows, by which
 * an edit by hand is seen without any memory of what was written.
 */
export interface Origin {
  readonly host: string;
  readonly purpose: string;
  readonly config: string;
}

const sumLine = /^(?:# |\/\/ |\{"comment": ".*)hostcore sum ([0-9a-f]{16})(?:",)?$/m;

/** What is left of those lines where somebody has deleted the sum. */
const originLines =
  /^(?:# |\/\/ )(?:Made by hostcore of .*(?:\n(?:# |\/\/ )comes of it\. .*)?|comes of it\. A change here is found by the next plan.*)$/m;

export function withOrigin(
  { host, purpose, config }: Origin,
  body: string,
  digest: Digest,
  mark: CommentMark = '#',
): string {
  const sum = sumOf(body, digest);
  if (mark === 'json') {
    const said = `${purpose} Made by hostcore of ${config}, host ${host}: change it there. hostcore sum ${sum}`;
    return `{"comment": ${JSON.stringify(said)},\n${body}`;
  }
  return [
    `${mark} ${purpose}`,
    `${mark} Made by hostcore of ${config}, host ${host}. Change it there: \`hostcore plan\` shows what`,
    `${mark} comes of it. A change here is found by the next plan, and shown before it would be lost.`,
    `${mark} hostcore sum ${sum}`,
    body,
  ].join('\n');
}

/** Whose a file is, by its own text; one of ours without its sum can only be an edited one. */
export type Ownership = 'ours' | 'edited' | 'foreign';

export function ownership(text: string, digest: Digest): Ownership {
  const found = sumLine.exec(text);
  if (found === null) return originLines.test(text) ? 'edited' : 'foreign';
  const body = text.slice(found.index + found[0].length + 1);
  return sumOf(body, digest) === found[1] ? 'ours' : 'edited';
}

/** Without the lines of origin: two files that differ in them alone do the same. */
export function bodyOf(text: string): string {
  const found = sumLine.exec(text) ?? originLines.exec(text);
  return found === null ? text : text.slice(found.index + found[0].length + 1);
}

function sumOf(body: string, digest: Digest): string {
  return Array.from(digest(body).slice(0, 8), (one) => one.toString(16).padStart(2, '0')).join('');
}
