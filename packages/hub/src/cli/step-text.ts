import type { Step, WantedRecord, WantedText } from '../domain/issuance.js';

/** An issuance's steps in words: a line for a log, and what is waited for after each. */

/** Undefined where the step is told in another way: a record, a result, a problem. */
export function stepLine(step: Step): string | undefined {
  switch (step.kind) {
    case 'delegated':
      return `delegated (${step.domains.join(', ')})`;
    case 'delegation-unseen':
      return step.records
        .map(
          ({ domain, seen }) =>
            `the CNAME of ${domain} can't be seen from here: ${seen}; the authority saw it before, and is asked`,
        )
        .join('; ');
    case 'key-wanted':
      return `waiting for ${step.agent} to make its key`;
    case 'key-made':
      return `${step.agent} has made its key, which stays there`;
    case 'key-refused':
      return step.fact;
    case 'ordered':
      return `ordered from ${step.authority}: ${step.names.join(', ')}`;
    case 'published':
      return `${step.values} challenge value${step.values === 1 ? '' : 's'} published`;
    case 'validated':
      return 'validated by the authority';
    case 'finalized':
      return 'requested from the authority';
    case 'authority-failed':
      return `${step.authority} can't: ${step.fact}; trying ${step.next}`;
    case 'resumed':
      return 'taken up again after the hub was stopped';
    case 'persist-found':
      return `the standing record does for ${step.authority}, no CNAME is needed (${step.domains.join(', ')})`;
    case 'delegation-wanted':
    case 'persist-wanted':
    case 'stored':
    case 'problem':
      return undefined;
    default:
      return step satisfies never;
  }
}

/** What goes on after the step, or is waited for; `authority` is the one that was asked last. */
export function waitsFor(step: Step, authority: string): string {
  switch (step.kind) {
    case 'delegation-wanted':
      return 'waits for its CNAME';
    case 'persist-wanted':
      return 'looks for its CNAME';
    case 'persist-found':
    case 'delegation-unseen':
    case 'delegated':
      return `orders from ${authority}`;
    case 'key-wanted':
    case 'key-refused':
      return `waits for ${step.agent} to make its key`;
    case 'key-made':
      return `orders from ${authority}`;
    case 'ordered':
      return 'publishes the challenge';
    case 'published':
      return `waits for ${authority} to validate`;
    case 'validated':
      return `requests it from ${authority}`;
    case 'finalized':
      return `waits for ${authority} to sign`;
    case 'authority-failed':
      return `orders from ${step.next}`;
    case 'resumed':
      return step.stage === 'delegation' ? 'looks for its CNAME' : 'goes on with its order';
    case 'stored':
      return 'is issued';
    case 'problem':
      return `failed: ${step.fact}`;
    default:
      return step satisfies never;
  }
}

/** For one certificate: all that a form in a browser asks for, and the line for a zone file. */
export function wantedBlocks(records: readonly WantedRecord[]): string {
  return records
    .map(({ domain, name: owner, target, found, seen }) =>
      [
        `  For ${domain}: ${seen}${found === undefined ? '' : `\n    it points to   ${found}\n    it must be     ${target}`}`,
        '',
        `    ${owner}. 300 IN CNAME ${target}.`,
        '',
        `    name   ${owner}`,
        '    type   CNAME',
        `    value  ${target}`,
      ].join('\n'),
    )
    .join('\n\n');
}

/** What would do in the CNAME's place. */
export function persistBlocks(authority: string, records: readonly WantedText[]): string {
  const blocks = records.map(({ domain, name: owner, value, found, seen }) =>
    [
      `  For ${domain}: ${seen}${found === undefined ? '' : `\n    there is       ${found}`}`,
      '',
      `    ${owner}. 300 IN TXT ${textOf(value)}`,
      '',
      `    name   ${owner}`,
      '    type   TXT',
      `    value  ${value}`,
    ].join('\n'),
  );
  return [
    `with ${records.length === 1 ? 'this record' : 'these records'}, ${authority} would need no CNAME (dns-persist-01). It is a draft: the`,
    `  authority may want another record some day, and then the CNAME is needed again.`,
    '',
    blocks.join('\n\n'),
    '',
  ].join('\n');
}

/** RFC 1035 §3.3: each string of a TXT record has 255 octets at most. */
function textOf(value: string): string {
  const strings = value.match(/.{1,255}/g) ?? [''];
  return strings.map((one) => `"${one}"`).join(' ');
}

/** For one of many: lines of a zone file, and in a comment why. */
export function wantedLines(records: readonly WantedRecord[]): string {
  return records
    .map(({ domain, name: owner, target, found, seen }) => {
      const instead = found === undefined ? '' : `, now ${found}`;
      return `; ${domain}: ${seen}${instead}\n${owner}. 300 IN CNAME ${target}.`;
    })
    .join('\n');
}
