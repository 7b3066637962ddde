import {
  errorMessage,
  formatDuration,
  painter,
  systemClock,
  wrap,
  type Clock,
  type Terminal,
} from '@sixhub/base';
import type { ToldStep } from './answers.js';
import { counts, drawMany, drawOne, type Rank, type Row } from './board.js';
import type { Ending } from './follow-issuance.js';
import { persistBlocks, stepLine, waitsFor, wantedBlocks, wantedLines } from './step-text.js';

/**
 * How a command tells what becomes of its issuances: results on standard output, the rest on standard error. One has its
 * steps a line each; of many, a terminal shows the board alone and what needs somebody, and a log has every step. With
 * --json there is a line an event, and nothing else.
 */
export class Telling implements Disposable {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #many: boolean;
  readonly #waitMs: number;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #rows = new Map<string, Row & { readonly authority: string }>();
  readonly #kept: ReturnType<NonNullable<Terminal['screen']>['keep']> | undefined;

  constructor(
    terminal: Terminal,
    {
      json,
      many,
      waitMs,
    }: { readonly json: boolean; readonly many: boolean; readonly waitMs: number },
    clock: Clock = systemClock,
  ) {
    this.#terminal = terminal;
    this.#json = json;
    this.#many = many;
    this.#waitMs = waitMs;
    this.#clock = clock;
    this.#startedAt = this.#now();
    const paint = painter(terminal.colour?.err === true);
    this.#kept = json
      ? undefined
      : terminal.screen?.keep((size) => {
          const rows = [...this.#rows.values()];
          const moment = { startedAt: this.#startedAt, now: this.#now() };
          return many ? drawMany(rows, moment, size, paint) : drawOne(rows[0], moment, size);
        });
  }

  started(
    name: string,
    { authority, joined }: { readonly authority: string; readonly joined: boolean },
  ): void {
    this.#set(name, 'working', 'looks for its CNAME', authority);
    if (joined) this.#progress(name, 'joining the issuance that is running');
  }

  unchanged(name: string): void {
    this.#set(name, 'valid already', '');
    if (this.#json) {
      this.#terminal.out(JSON.stringify({ kind: 'unchanged', certificate: name }));
    } else {
      this.#terminal.out(
        `${name} has a valid certificate already; \`hub show ${name}\` shows it, \`hub renew ${name}\` makes a new version`,
      );
    }
  }

  step(name: string, told: ToldStep): void {
    const { step } = told;
    const authority =
      step.kind === 'ordered'
        ? step.authority
        : step.kind === 'authority-failed'
          ? step.next
          : (this.#rows.get(name)?.authority ?? 'the authority');
    this.#set(
      name,
      step.kind === 'delegation-wanted' ? 'needs you' : 'working',
      waitsFor(step, authority),
      authority,
    );
    if (this.#json) {
      this.#terminal.out(JSON.stringify({ certificate: name, ...told }));
    } else if (step.kind === 'stored') {
      this.#terminal.out(
        this.#many
          ? `${name}: issued by ${step.issuer}, valid until ${step.notAfter}`
          : `${name}: issued by ${step.issuer}, valid until ${step.notAfter}\n  version ${step.version}\n  SHA-256 ${step.fingerprint}`,
      );
    } else if (step.kind === 'delegation-wanted') {
      const { records } = step;
      const these = records.length === 1 ? 'this record' : 'these records';
      this.#terminal.err(
        this.#many
          ? wantedLines(records)
          : [
              `${name}: create ${these} in the DNS, to stay for good:`,
              '',
              wantedBlocks(records),
              '',
              this.#fit(
                `${name}: waiting for it up to ${formatDuration(this.#waitMs)} (Ctrl-C leaves the issuance running)`,
              ),
            ].join('\n'),
      );
    } else if (step.kind === 'persist-wanted') {
      this.#terminal.err(`${name}: ${persistBlocks(step.authority, step.records)}`);
    } else {
      const line = stepLine(step);
      if (line !== undefined) this.#progress(name, line);
    }
  }

  /** It is stored, and agents are to serve it. */
  deploying(name: string, silent: readonly string[]): void {
    const who = silent.length === 0 ? 'its services' : silent.join(', ');
    this.#set(name, 'working', `waits for ${who} to serve it`);
  }

  issued(name: string): void {
    this.#set(name, 'issued', '');
  }

  failed(name: string, { fact, hint }: { readonly fact: string; readonly hint: string }): void {
    this.#set(name, 'failed', fact);
    if (!this.#json)
      this.#terminal.err(errorMessage({ fact: `${name}: ${fact}`, hint }, this.#terminal));
  }

  unfinished(name: string, ending: Exclude<Ending, { kind: 'stored' }>): void {
    switch (ending.kind) {
      case 'waiting':
        if (ending.agent === undefined) this.#set(name, 'needs you', 'waits for its CNAME');
        else this.#set(name, 'working', `waits for ${ending.agent} to make its key`);
        // Of many, the last line says it once.
        if (!this.#many) this.#said(`${name}: ${stillWaiting(ending)}`);
        return;
      case 'problem': {
        const next =
          ending.retryAt === null
            ? `The hub does not try again by itself. When that is done: hub issue ${name}`
            : `The hub tries again by itself at ${ending.retryAt} (in ${formatDuration(Math.max(1_000, Date.parse(ending.retryAt) - this.#now()))}).`;
        this.failed(name, {
          fact: ending.fact,
          hint: `${ending.hint}\n${next}\nMore: docs/problems.md, ${ending.problem}`,
        });
        return;
      }
      case 'cut':
        this.#set(name, 'failed', 'the hub stopped');
        this.#said(`${name}: the hub stopped; it takes the issuance up when it runs again`);
        return;
      default:
        ending satisfies never;
    }
  }

  /** Ctrl-C: what was begun goes on. */
  left(): void {
    const [one] = this.#rows.keys();
    this.#said(
      this.#many || one === undefined
        ? 'the issuances go on; `hub issue` with the same domains joins them, `hub list` tells'
        : `${one}: the issuance goes on; \`hub issue\` joins it, \`hub show ${one}\` tells`,
    );
  }

  /** Of many: how all ended, in one line. */
  ended(): void {
    const rows = [...this.#rows.values()];
    if (!this.#many || rows.length === 0) return;
    const open = rows.some(({ rank }) => rank === 'needs you');
    this.#said(
      `${counts(rows)} (${formatDuration(this.#now() - this.#startedAt)})${open ? '; what waits goes on by itself when its record appears' : ''}`,
    );
  }

  [Symbol.dispose](): void {
    this.#kept?.[Symbol.dispose]();
  }

  #set(name: string, rank: Rank, says: string, authority?: string): void {
    const before = this.#rows.get(name);
    const known = authority ?? before?.authority ?? '';
    const since = before?.says === says ? before.since : this.#now();
    this.#rows.set(name, { name, rank, says, since, authority: known });
    this.#kept?.refresh();
  }

  /** On a terminal, the board tells of many. */
  #progress(name: string, line: string): void {
    if (this.#kept === undefined || !this.#many) this.#said(`${name}: ${line}`);
  }

  #said(line: string): void {
    if (!this.#json) this.#terminal.err(this.#fit(line));
  }

  #fit(line: string): string {
    return wrap(line, this.#terminal.errColumns ?? Infinity, 2);
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

function stillWaiting({ agent }: Extract<Ending, { kind: 'waiting' }>): string {
  return agent === undefined
    ? 'still no record. Nothing is lost: the issuance goes on by itself when it appears.'
    : `${agent} has not made its key yet. Nothing is lost: the issuance goes on by itself when it has; at once, there: hub-agent run --now`;
}
