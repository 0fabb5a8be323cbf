/** A notification in words, for people. */
import { isTrouble, type News, type Notification } from './notification.ts';

/** One line: `app.example.com: failover to backup`. */
export function titleOf(news: News): string {
  switch (news.kind) {
    case 'transition':
      return `${news.record}${familyOf(news.family)}: ${news.isDrill ? 'drill, ' : ''}${TITLES[news.cause]} ${news.toTarget}`;
    case 'alarm':
      return `${news.resolvedAt === null ? 'alarm' : 'resolved'}: ${news.name} ${news.subject}`;
    case 'test':
      return 'failoverd: a test';
  }
}

const TITLES = {
  start: 'starts on',
  failover: 'failover to',
  failback: 'failback to',
  all_down: 'no target is up, answers with',
  recovered: 'recovered, answers with',
  override: 'switched to',
  release: 'released, answers with',
  config: 'new config, answers with',
} as const;

function familyOf(family: '' | '4' | '6'): string {
  return family === '' ? '' : ` (IPv${family})`;
}

/** The lines below the title. */
function detailsOf({ at, news }: Notification): readonly string[] {
  switch (news.kind) {
    case 'transition': {
      const { fromTarget, toTarget, toAddresses, reason, actor, detectedMs } = news;
      const detected = detectedMs === null ? '' : `, ${(detectedMs / 1000).toFixed(1)} s after the first bad probe`;
      return [
        reason,
        `${fromTarget ?? 'nothing'} → ${toTarget} (${toAddresses.join(' ') || 'no address'})`,
        `by ${actor} at ${at}${detected}`,
      ];
    }
    case 'alarm':
      return [
        news.message,
        news.resolvedAt === null ? `since ${news.since}` : `from ${news.since} to ${news.resolvedAt}`,
      ];
    case 'test':
      return [`${news.actor} asked for it at ${at}. Nothing has happened.`];
  }
}

/** Lines of a digest that name its parts. */
const LISTED = 20;

/** The title of one, or of many together. */
export function titleOfAll(batch: readonly Notification[]): string {
  const [only] = batch;
  if (batch.length === 1 && only) return titleOf(only.news);
  const records = new Set(batch.flatMap(({ news }) => (news.kind === 'transition' ? [news.record] : [])));
  const alarms = batch.filter(({ news }) => news.kind === 'alarm').length;
  const transitions = batch.length - alarms;
  const parts = [
    ...(transitions > 0 ? [`${count(transitions, 'transition')} of ${count(records.size, 'record')}`] : []),
    ...(alarms > 0 ? [`${count(alarms, 'change')} of alarms`] : []),
  ];
  return `failoverd: ${parts.join(', ')}`;
}

/** What stands below {@link titleOfAll}: all that is known of one, a line for each of the first of many. */
export function detailsOfAll(batch: readonly Notification[]): readonly string[] {
  const [only] = batch;
  if (batch.length === 1 && only) return detailsOf(only);
  const rest = batch.length - LISTED;
  return [
    ...batch.slice(0, LISTED).map(({ at, news }) => `${at.slice(11, 19)} ${titleOf(news)}`),
    ...(rest > 0 ? [`and ${rest} more: failoverd history`] : []),
  ];
}

export function hasTrouble(batch: readonly Notification[]): boolean {
  return batch.some(({ news }) => isTrouble(news));
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
