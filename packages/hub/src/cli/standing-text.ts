import { painter, systemClock, wrap, type Paint, type Terminal } from '@sixhub/base';
import { printable } from '../domain/printable.js';
import { meanings } from '../domain/standing.js';
import type { StandingView } from './answers.js';
import { momentText } from './moment-text.js';

/** What the page is about, and so what its lines need not repeat. */
export type Page = 'certificate' | 'agent';

export interface Sheet {
  readonly page: Page;
  readonly paint: Paint;
  readonly width: number;
  readonly now: Date;
}

export function sheetOf(page: Page, terminal: Terminal): Sheet {
  return {
    page,
    paint: painter(terminal.colour?.out === true),
    width: terminal.outColumns ?? Infinity,
    now: systemClock.now(),
  };
}

/** Of a program's words; the rest is in --json. */
const mostLines = 8;

/** `mail · postfix · serving since 20:14:03, looked at 20:30:11`, a line a service of an agent. */
export function standingLines(standings: readonly StandingView[], sheet: Sheet): readonly string[] {
  const { width, now } = sheet;
  return standings.flatMap((standing) => {
    const { lastError } = standing;
    const line = `  ${placeOf(standing, sheet.page)} · ${stateText(standing, now)}${lookText(standing, now)}`;
    return [
      wrap(line, width, 2),
      ...(lastError === null
        ? []
        : [
            wrap(
              `    last trouble, ${momentText(lastError.at, now)}: ${meanings[lastError.was].words}`,
              width,
            ),
            ...wordLines(lastError.detail, width).map((words) => `  ${words}`),
          ]),
    ];
  });
}

/** Where a person is needed, why in the program's own words, and what to do there. */
export function needLines(standings: readonly StandingView[], sheet: Sheet): readonly string[] {
  return standings
    .filter(({ needs }) => needs === 'person')
    .flatMap((standing) => {
      const { says, remedy } = standing;
      const place = placeOf(standing, sheet.page);
      const what = `${place}: ${stateText(standing, sheet.now)}`;
      return needOf(what, says, remedy, sheet);
    });
}

export function needOf(
  what: string,
  says: string,
  remedy: string,
  { paint, width }: Pick<Sheet, 'paint' | 'width'>,
): readonly string[] {
  const isShort = says !== '' && !says.includes('\n');
  const first = `${label}: ${what}${isShort ? `: ${printable(says)}` : says === '' ? '' : ':'}`;
  return [
    // Painted after it was wrapped, so that a colour ends where the words end.
    wrap(first, width, 2).replace(label, paint('red', label)),
    ...(isShort || says === '' ? [] : wordLines(says, width)),
    ...(remedy === '' ? [] : [wrap(`  ${remedy}`, width)]),
  ];
}

const label = 'needs a person';

/** Nobody is needed; or not yet, as what is missing comes by itself. */
export function nobodyLines(
  standings: readonly StandingView[],
  summary: string,
  sheet: Sheet,
): readonly string[] {
  const { paint, width, now, page } = sheet;
  const [first, ...more] = standings.filter(({ needs }) => needs === 'time');
  const nobody = 'nobody is needed';
  if (first === undefined) {
    return [wrap(`${nobody}: ${summary}`, width, 2).replace(nobody, paint('green', nobody))];
  }
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  const what = `${nobody} yet: ${placeOf(first, page)}: ${stateText(first, now)}${others}`;
  return [
    wrap(what, width, 2).replace(nobody, paint('green', nobody)),
    wrap(`  ${first.remedy}`, width),
  ];
}

/** Machines that are as a whole as they are, said once however many certificates they have. */
export function withoutRepeats(standings: readonly StandingView[]): readonly StandingView[] {
  const told = new Set<string>();
  return standings.filter(({ agent, state, service }) => {
    if (!isOfMachine(state)) return true;
    const key = `${agent} ${state} ${service ?? ''}`;
    return !told.has(key) && told.add(key);
  });
}

function isOfMachine(state: StandingView['state']): boolean {
  return state === 'silent' || state === 'not-enrolled' || state === 'removed';
}

function placeOf({ agent, certificate, service, state }: StandingView, page: Page): string {
  const whole = page === 'certificate' || isOfMachine(state) ? agent : certificate;
  return service === null ? whole : `${whole} · ${printable(service)}`;
}

function stateText({ state, since, version, current }: StandingView, now: Date): string {
  const words = `${meanings[state].words}${since === null ? '' : ` since ${momentText(since, now)}`}`;
  if (version === null || current) return words;
  return `${words} (version ${version.slice(0, 8)}…, not the newest)`;
}

function lookText({ state, since, checkedAt, service }: StandingView, now: Date): string {
  if (checkedAt === null || checkedAt === since) return '';
  const isHeard = service === null && (isOfMachine(state) || state === 'unreported');
  return `, ${isHeard ? 'heard of' : 'looked at'} ${momentText(checkedAt, now)}`;
}

function wordLines(words: string, width: number): readonly string[] {
  const lines = printable(words).trimEnd().split('\n');
  const shown = lines.length > mostLines ? [...lines.slice(0, mostLines), '… (--json)'] : lines;
  return shown.flatMap((line) => wrap(line, width - 4).split('\n')).map((line) => `    ${line}`);
}
