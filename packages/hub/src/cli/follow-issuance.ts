import { formatDuration, systemClock, type Terminal } from '@sixhub/base';
import type { Step, WantedRecord, WantedText } from '../domain/issuance.js';
import type { IssuanceView, ToldStep } from './answers.js';
import type { HubClient } from './client.js';

export type Ending =
  | { readonly kind: 'stored'; readonly version: string }
  | Extract<Step, { kind: 'problem' }>
  /** The record did not appear in time. */
  | { readonly kind: 'waiting' }
  /** The hub ended the stream. */
  | { readonly kind: 'cut' };

/** However short the patience, the first look at the DNS is waited for. */
const firstLookMs = 15_000;

/** Draws an issuance's steps as they come, until it ended, failed, or waited long enough for a record. */
export async function followIssuance(
  hub: HubClient,
  { issuance, askedAt }: { readonly issuance: IssuanceView; readonly askedAt: string },
  waitDelegationMs: number,
  json: boolean,
  terminal: Terminal,
): Promise<Ending> {
  const patience = new AbortController();
  let countdown = new AbortController();
  const runOutAfter = (milliseconds: number): void => {
    countdown.abort();
    countdown = new AbortController();
    systemClock.sleep(milliseconds, countdown.signal).then(
      () => patience.abort(),
      () => undefined, // it is delegated, or over
    );
  };
  if (issuance.stage === 'delegation') runOutAfter(Math.max(waitDelegationMs, firstLookMs));
  let wanted = false;
  const signal = AbortSignal.any([terminal.signal, patience.signal]);
  try {
    for await (const told of hub.lines<ToldStep>(`/v1/issuances/${issuance.id}/steps`, signal)) {
      const { step } = told;
      if (json) terminal.out(JSON.stringify({ certificate: issuance.certificate, ...told }));
      else draw(issuance.certificate, step, waitDelegationMs, terminal);
      if (step.kind === 'stored') return { kind: 'stored', version: step.version };
      // Who joins is told of an old problem only where it is still what the issuance waits for.
      if (step.kind === 'problem' && (told.at >= askedAt || step.retryAt === issuance.retryAt)) {
        return step;
      }
      if (step.kind === 'delegated' || step.kind === 'ordered') countdown.abort();
      if (step.kind === 'delegation-wanted' && !wanted) {
        wanted = true;
        runOutAfter(waitDelegationMs);
      }
    }
    return { kind: 'cut' };
  } catch (error) {
    if (patience.signal.aborted && !terminal.signal.aborted) return { kind: 'waiting' };
    throw terminal.signal.aborted ? terminal.signal.reason : error;
  } finally {
    countdown.abort();
  }
}

function draw(name: string, step: Step, waitMs: number, terminal: Terminal): void {
  switch (step.kind) {
    case 'delegation-wanted':
      terminal.err(wantedText(name, step.records, waitMs));
      return;
    case 'delegated':
      terminal.err(`${name}: delegated (${step.domains.join(', ')})`);
      return;
    case 'persist-wanted':
      terminal.err(persistText(name, step.authority, step.records));
      return;
    case 'persist-found':
      terminal.err(
        `${name}: the standing record does for ${step.authority}, no CNAME is needed (${step.domains.join(', ')})`,
      );
      return;
    case 'ordered':
      terminal.err(`${name}: ordered from ${step.authority}: ${step.names.join(', ')}`);
      return;
    case 'published':
      terminal.err(
        `${name}: ${step.values} challenge value${step.values === 1 ? '' : 's'} published`,
      );
      return;
    case 'validated':
      terminal.err(`${name}: validated by the authority`);
      return;
    case 'finalized':
      terminal.err(`${name}: requested from the authority`);
      return;
    case 'authority-failed':
      terminal.err(`${name}: ${step.authority} can't: ${step.fact}; trying ${step.next}`);
      return;
    case 'resumed':
      terminal.err(`${name}: taken up again after the hub was stopped`);
      return;
    case 'stored':
      terminal.out(
        `${name}: issued by ${step.issuer}, valid until ${step.notAfter}\n  version ${step.version}\n  SHA-256 ${step.fingerprint}`,
      );
      return;
    case 'problem':
      return; // told at the end, with what to do
    default:
      return step satisfies never;
  }
}

function wantedText(name: string, records: readonly WantedRecord[], waitMs: number): string {
  const blocks = records.map(({ domain, name: owner, target, found, seen }) =>
    [
      `  For ${domain}: ${seen}${found === undefined ? '' : `\n    it points to   ${found}\n    it must be     ${target}`}`,
      '',
      `    ${owner}. 300 IN CNAME ${target}.`,
      '',
      `    name   ${owner}`,
      '    type   CNAME',
      `    value  ${target}`,
    ].join('\n'),
  );
  return [
    `${name}: create ${records.length === 1 ? 'this record' : 'these records'} in the DNS, to stay for good:`,
    '',
    blocks.join('\n\n'),
    '',
    `${name}: waiting for it up to ${formatDuration(waitMs)} (Ctrl-C leaves the issuance running)`,
  ].join('\n');
}

function persistText(name: string, authority: string, records: readonly WantedText[]): string {
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
    `${name}: with ${records.length === 1 ? 'this record' : 'these records'}, ${authority} would need no CNAME (dns-persist-01). It is a draft: the`,
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
