/** What waits for one sink: which message is next, and when. Knows no clock and no network. */
import type { OutboxItem } from '../runtime/outbox.ts';
import type { Notification } from './notification.ts';

export interface Waiting {
  readonly item: OutboxItem;
  readonly notification: Notification;
  /** Its place among all that ever waited for the sink. */
  readonly order: number;
  /** Monotonic: when it came to be, also before this run. */
  readonly bornMs: number;
  attempts: number;
}

export interface Queue {
  add(waiting: Waiting): void;
  /** The next message: one, or many together when many wait. Empty while nothing may be sent. */
  take(nowMs: number, folding: Folding): readonly Waiting[];
  delivered(batch: readonly Waiting[]): void;
  /** Leaves the batch waiting. */
  failed(batch: readonly Waiting[], failure: Failure, nowMs: number): void;
  /** Ends every pause: the sink may be another one now. */
  retryNow(): void;
  /** Takes out what was born before, and the oldest where too many wait. */
  expire(bornBeforeMs: number): readonly Waiting[];
  /** When {@link Queue.take} may have something, or one is too old; null: not before something is added. */
  nextMs(maxAgeMs: number): number | null;
  readonly size: number;
  /** Attempts in a row that failed. */
  readonly failures: number;
}

/** What may be told in one message. */
export interface Folding {
  readonly mostInOne: number;
  readonly isFoldable: (waiting: Waiting) => boolean;
}

export interface Failure {
  /** Only this message is unwelcome: another may be taken. */
  readonly isRejected: boolean;
  readonly retryAfterMs: number | null;
}

/** More than this wait at once: they are told together. */
const FOLD_OVER = 5;
/** So many messages may follow each other at once; then one every few seconds, with all that came meanwhile. */
const BURST = 10;
const REFILL_MS = 6_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 300_000;
/** A receiver that asks for more is asked again all the same. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;
/** Beyond, the oldest is given up. */
const MOST_WAITING = 20_000;

/** All that waits about one subject, in order. */
interface Lane {
  readonly waiting: Waiting[];
  rejections: number;
  notBeforeMs: number;
}

/** @param random from 0 to 1: retries of many sinks are spread by it */
export function createQueue(random: () => number): Queue {
  const lanes = new Map<string, Lane>(); // the first is served next
  let size = 0;
  let failures = 0;
  let notBeforeMs = 0;
  let most = Number.POSITIVE_INFINITY; // less after a rejection: until the one is found that is not wanted
  let tokens = { count: BURST, atMs: 0 };

  const delayMs = (attempts: number): number =>
    Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS) * (0.9 + 0.2 * random());
  const tokensAt = (nowMs: number): number => Math.min(BURST, tokens.count + (nowMs - tokens.atMs) / REFILL_MS);
  const tokenAtMs = (): number => tokens.atMs + Math.max(0, 1 - tokens.count) * REFILL_MS;
  const remove = (waiting: Waiting): void => {
    const lane = lanes.get(waiting.item.subject);
    const index = lane?.waiting.indexOf(waiting) ?? -1;
    if (!lane || index < 0) return;
    lane.waiting.splice(index, 1);
    size -= 1;
    if (lane.waiting.length === 0) lanes.delete(waiting.item.subject);
  };

  return {
    add(waiting) {
      const { subject } = waiting.item;
      const lane = lanes.get(subject) ?? { waiting: [], rejections: 0, notBeforeMs: 0 };
      lane.waiting.push(waiting);
      lanes.set(subject, lane);
      size += 1;
    },
    take(nowMs, { mostInOne, isFoldable }) {
      if (nowMs < notBeforeMs || tokensAt(nowMs) < 1) return [];
      const ready = [...lanes.values()].filter((lane) => lane.notBeforeMs <= nowMs);
      const [first] = ready[0]?.waiting ?? [];
      if (!first) return [];
      tokens = { count: tokensAt(nowMs) - 1, atMs: nowMs };
      const limit = Math.min(most, mostInOne);
      const together = isFoldable(first) && limit > 1 ? foldable(ready, limit, isFoldable) : [];
      return together.length > FOLD_OVER ? together : [first];
    },
    delivered(batch) {
      for (const waiting of batch) remove(waiting);
      failures = 0;
      notBeforeMs = 0;
      most *= 2;
    },
    failed(batch, { isRejected, retryAfterMs }, nowMs) {
      failures += 1;
      for (const waiting of batch) waiting.attempts += 1;
      if (isRejected) {
        most = Math.max(1, Math.floor(batch.length / 2));
        for (const subject of new Set(batch.map(({ item }) => item.subject))) reject(subject, nowMs);
      }
      const askedMs = Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
      notBeforeMs = nowMs + Math.max(isRejected ? 0 : delayMs(failures), askedMs);
    },
    retryNow() {
      notBeforeMs = 0;
      for (const lane of lanes.values()) lane.notBeforeMs = 0;
    },
    expire(bornBeforeMs) {
      const old = [...lanes.values()].flatMap(({ waiting }) => expired(waiting, bornBeforeMs));
      for (const waiting of old) remove(waiting);
      const surplus = size > MOST_WAITING ? oldest(lanes.values(), size - MOST_WAITING) : [];
      for (const waiting of surplus) remove(waiting);
      return [...old, ...surplus];
    },
    nextMs(maxAgeMs) {
      if (lanes.size === 0) return null;
      const lanesMs = Math.min(...[...lanes.values()].map((lane) => lane.notBeforeMs));
      const bornMs = Math.min(...[...lanes.values()].map(({ waiting: [first] }) => first?.bornMs ?? 0));
      return Math.min(bornMs + maxAgeMs, Math.max(notBeforeMs, lanesMs, tokenAtMs()));
    },
    get size() {
      return size;
    },
    get failures() {
      return failures;
    },
  };

  /** It comes last from now on, and later and later. */
  function reject(subject: string, nowMs: number): void {
    const lane = lanes.get(subject);
    if (!lane) return;
    lane.rejections += 1;
    lane.notBeforeMs = nowMs + delayMs(lane.rejections);
    lanes.delete(subject);
    lanes.set(subject, lane);
  }
}

function expired(waiting: readonly Waiting[], bornBeforeMs: number): readonly Waiting[] {
  const end = waiting.findIndex(({ bornMs }) => bornMs > bornBeforeMs);
  return end < 0 ? waiting.slice() : waiting.slice(0, end);
}

function oldest(lanes: Iterable<Lane>, count: number): readonly Waiting[] {
  const all = [...lanes].flatMap(({ waiting }) => waiting);
  return all.sort((a, b) => a.order - b.order).slice(0, count);
}

/** What can be told in one message, oldest first: of each lane what stands before the first that cannot. */
function foldable(lanes: readonly Lane[], most: number, isFoldable: (waiting: Waiting) => boolean): readonly Waiting[] {
  const taken: Waiting[] = [];
  for (const { waiting } of lanes) {
    const end = waiting.findIndex((each) => !isFoldable(each));
    taken.push(...(end < 0 ? waiting : waiting.slice(0, end)).slice(0, most - taken.length));
    if (taken.length >= most) break;
  }
  return taken.sort((a, b) => a.order - b.order);
}
