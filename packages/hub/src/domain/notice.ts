import type { Alert, AlertKind } from './alert.js';
import type { News, NewsKind } from './telling.js';

/** One message: what is told together, to everybody. */
export interface Notice {
  /** The same however often it is sent: who gets it twice can tell. */
  readonly id: string;
  readonly at: Date;
  /** Most urgent first. */
  readonly groups: readonly NewsGroup[];
}

/** News of one kind about alerts of one cause. */
export interface NewsGroup {
  readonly news: NewsKind;
  readonly kind: AlertKind;
  readonly count: number;
  /** The most pressing ones; a message is no list of a thousand. */
  readonly alerts: readonly Alert[];
}

const shownOfGroup = 25;

const urgency: Readonly<Record<NewsKind, number>> = { worse: 0, new: 1, reminder: 2, over: 3 };

export function groupNews(news: readonly News[]): readonly NewsGroup[] {
  const groups = new Map<string, News[]>();
  for (const one of news) {
    // What is over is one thing, whatever its cause was.
    const what = one.news === 'over' ? one.alert.kind : one.alert.cause;
    const key = `${one.news} ${what}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].toSorted(byUrgency).flatMap((members) => {
    const alerts = members.map(({ alert }) => alert).toSorted(byPressure);
    const [first] = members;
    if (first === undefined) return [];
    return {
      news: first.news,
      kind: first.alert.kind,
      count: alerts.length,
      alerts: alerts.slice(0, shownOfGroup),
    };
  });
}

function byUrgency([one]: readonly News[], [other]: readonly News[]): number {
  if (one === undefined || other === undefined) return 0;
  const isOver = Number(one.news === 'over') - Number(other.news === 'over');
  return isOver || byPressure(one.alert, other.alert) || urgency[one.news] - urgency[other.news];
}

function byPressure(one: Alert, other: Alert): number {
  const critical = Number(other.severity === 'critical') - Number(one.severity === 'critical');
  const ends = (one.endsAt?.getTime() ?? Infinity) - (other.endsAt?.getTime() ?? Infinity);
  return critical || (Number.isNaN(ends) ? 0 : ends) || (one.id < other.id ? -1 : 1);
}
