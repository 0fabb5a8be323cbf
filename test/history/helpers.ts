import { setTimeout as delay } from 'node:timers/promises';
import type { RecordState } from '../../src/core/decision.ts';
import type { OwnerName } from '../../src/core/name.ts';
import type { ProbeReport } from '../../src/core/outcome.ts';
import type { Evidence, Transition } from '../../src/core/transition.ts';
import type { Clock, CommitEntry, History, HistoryUpkeep, Log, StoredRecordState } from '../../src/runtime/ports.ts';

export const RECORD = 'app.example.com.' as OwnerName;
export const ZONE = 'example.com.' as OwnerName;
export const ENDPOINT = '192.0.2.10 http://app.example.com/healthz #1a2b3c4d';

export const clock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: object;
}

/** A log that keeps its lines. */
export function memoryLog(): Log & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: Line['level']) => (fields: object, message: string) => void lines.push({ level, message, fields });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export const PROBE: ProbeReport = {
  endpointId: ENDPOINT,
  trigger: 'interval',
  outcome: { outcome: 'fail', reason: 'status', phase: 'headers', detail: '503' },
  startedAtEpochMs: Date.UTC(2026, 6, 31, 12, 0, 0, 123),
  startedAtMs: 1000,
  elapsedMs: 12.345,
  phasesMs: { connect: 1.06, headers: 10.2 },
  status: 503,
  bodySample: 'down for maintenance',
  bodySha256: 'ab'.repeat(32),
};

export const STATE: RecordState = {
  activeTarget: 'backup',
  addresses: ['198.51.100.20'],
  allDown: false,
  sinceEpochMs: Date.UTC(2026, 6, 31, 12, 0, 3, 456),
  override: null,
  drained: [],
  failbackPenalty: 0,
  lastFailback: null,
};

export const RECORD_STATE: StoredRecordState = { record: RECORD, family: '', state: STATE };

export const EVIDENCE: Evidence = {
  row: 9,
  rule: 'active down, another up: the first up in order, at once',
  probes: [{ ...PROBE, counter: { status: 'down', count: 0, of: 3 } }],
  endpoints: [
    {
      id: ENDPOINT,
      target: 'primary',
      address: '192.0.2.10',
      intervalMs: 5000,
      timeoutMs: 2000,
      confirmMs: 1000,
      fall: 3,
      rise: 3,
      before: { status: 'up', count: 2, of: 3 },
      after: { status: 'down', count: 0, of: 3 },
    },
  ],
  targets: { primary: 'down', backup: 'up' },
  lastPass: null,
  firstFail: { ...PROBE, counter: { status: 'up', count: 1, of: 3 } },
  zone: ZONE,
  family: '',
  ttlSeconds: 10,
  generation: 1,
};

export function transition(serial: number, over: Partial<Transition> = {}): Transition {
  return {
    atEpochMs: STATE.sinceEpochMs,
    record: RECORD,
    zone: ZONE,
    cause: 'failover',
    fromTarget: 'primary',
    toTarget: 'backup',
    fromAddresses: ['192.0.2.10'],
    toAddresses: ['198.51.100.20'],
    reason: 'primary 192.0.2.10: status 503 ×3',
    evidence: EVIDENCE,
    actor: 'prober',
    isDrill: false,
    serial,
    firstFailAtEpochMs: PROBE.startedAtEpochMs,
    detectedMs: 3333.4,
    ...over,
  };
}

/** A failover whose serial tells it from the others. */
export function commitEntry(serial: number, over: Partial<CommitEntry> = {}): CommitEntry {
  return { transition: transition(serial), state: RECORD_STATE, ...over };
}

/** Commits failovers with these serials and waits until all are in the database, however slow the disk is. */
export async function commitAll(history: History & HistoryUpkeep, ...serials: readonly number[]): Promise<void> {
  for (const serial of serials) await history.commit(commitEntry(serial));
  await until(() => history.stats().queuedCommits === 0, `${serials.join()} written`);
}

/** Waits until it holds; fails the caller after 30 s. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > 30_000) throw new Error(`not within 30 s: ${what}`);
    await delay(5);
  }
}
