/** What is told: a transition or a change of an alarm, in the words that its receivers see. */
import { shown } from '../core/name.ts';
import type { Transition, TransitionCause } from '../core/transition.ts';
import type { AlarmChange } from '../runtime/alarms.ts';
import type { NotifyEvent } from '../runtime/outbox.ts';

/** Times are ISO 8601 UTC, names without the final dot. */
export interface TransitionNews {
  readonly kind: 'transition';
  readonly record: string;
  readonly zone: string;
  /** '' when A and AAAA are decided together, else the family. */
  readonly family: '' | '4' | '6';
  readonly cause: TransitionCause;
  readonly fromTarget: string | null;
  readonly toTarget: string;
  readonly fromAddresses: readonly string[] | null;
  readonly toAddresses: readonly string[];
  readonly reason: string;
  readonly actor: string;
  readonly serial: number;
  readonly firstFailAt: string | null;
  readonly detectedMs: number | null;
  /** It answers with the primary, which is up: what an earlier notification told of is over. */
  readonly isNormal: boolean;
  /** An order that put the backup to the test, or its end. */
  readonly isDrill: boolean;
}

export interface AlarmNews {
  readonly kind: 'alarm';
  readonly name: string;
  readonly subject: string;
  readonly message: string;
  readonly since: string;
  /** Null: it was raised. */
  readonly resolvedAt: string | null;
}

/** Sent by `failoverd notify test` alone. */
export interface TestNews {
  readonly kind: 'test';
  readonly actor: string;
}

export type News = TransitionNews | AlarmNews | TestNews;

export interface Notification {
  /** `msg_…` */
  readonly id: string;
  readonly at: string;
  readonly news: News;
}

const EVENTS: Readonly<Record<TransitionCause, NotifyEvent>> = {
  start: 'start',
  failover: 'failover',
  failback: 'failback',
  all_down: 'all_down',
  recovered: 'all_down',
  override: 'override',
  release: 'override',
  config: 'config',
};

export function eventOf(news: TransitionNews | AlarmNews): NotifyEvent {
  return news.kind === 'alarm' ? 'alarm' : EVENTS[news.cause];
}

/** What arrives in order: all that is about one record, or about one alarm. */
export function subjectOf(news: TransitionNews | AlarmNews): string {
  return news.kind === 'alarm' ? `alarm ${news.name} ${news.subject}` : news.record;
}

export function transitionNews(
  transition: Transition,
  family: TransitionNews['family'],
  primary: string | null,
): TransitionNews {
  const { cause, fromTarget, toTarget, fromAddresses, toAddresses, reason, actor, serial } = transition;
  const { firstFailAtEpochMs, detectedMs, isDrill } = transition;
  return {
    kind: 'transition',
    record: shown(transition.record),
    zone: shown(transition.zone),
    ...{ family, cause, fromTarget, toTarget, fromAddresses, toAddresses, reason, actor, serial },
    firstFailAt: firstFailAtEpochMs === null ? null : iso(firstFailAtEpochMs),
    detectedMs: detectedMs === null ? null : Math.round(detectedMs),
    isNormal: toTarget === primary && cause !== 'all_down',
    isDrill,
  };
}

export function alarmNews({ name, subject, message, since, resolvedAt }: AlarmChange): AlarmNews {
  return { kind: 'alarm', name, subject, message, since, resolvedAt };
}

/** It begins something that somebody may have to look at; what is no trouble ends it. */
export function isTrouble(news: News): boolean {
  if (news.kind === 'transition') return !news.isNormal;
  return news.kind === 'alarm' && news.resolvedAt === null;
}

export function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
