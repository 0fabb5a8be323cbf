/** What `GET /api/v1/status` and `failoverd status --json` give: the whole of what an operator needs at once. */
import type { Sight } from '../core/sight.ts';
import type { DataPlaneStats, HistoryStatus, ProberStats } from './ports.ts';

export interface EndpointStatus {
  readonly id: string;
  readonly address: string;
  readonly check: string;
  /** The whole attempt may take so long. */
  readonly timeoutMs: number;
  readonly status: 'unknown' | 'up' | 'down';
  /** Consecutive fails of an endpoint that is not down, or passes of one that is; `of` is `fall` or `rise`. */
  readonly progress: { readonly count: number; readonly of: number };
  readonly since: string | null;
  readonly lastProbe: { readonly at: string; readonly outcome: string; readonly elapsedMs: number } | null;
}

export interface TargetStatus {
  readonly name: string;
  readonly status: 'unknown' | 'up' | 'down';
  readonly drained: boolean;
  readonly endpoints: readonly EndpointStatus[];
}

export interface RecordStatus {
  readonly record: string;
  /** Rises with every config, transition and order; what `If-Match` of an order takes. Its families share it. */
  readonly generation: number;
  readonly zone: string;
  readonly ttlSeconds: number;
  /** '' when A and AAAA are decided together, else the family. */
  readonly family: '' | '4' | '6';
  readonly activeTarget: string;
  readonly addresses: readonly string[];
  readonly allDown: boolean;
  readonly since: string;
  /** Why it is answered: the reason of the last transition. */
  readonly reason: string;
  readonly cause: string;
  readonly override: {
    readonly target: string;
    readonly reason: string;
    readonly actor: string;
    /** It puts the backup to the test, and ends as soon as that fails. */
    readonly isDrill: boolean;
    readonly expiresAt: string | null;
  } | null;
  readonly targets: readonly TargetStatus[];
}

/** An address outside both servers that tells the prober whether its own network works. */
export interface WitnessStatus {
  readonly witness: string;
  /** `unknown`: it has not been asked yet. */
  readonly status: 'unknown' | 'up' | 'down';
  readonly lastProbe: EndpointStatus['lastProbe'];
}

/** One secondary of one zone. */
export interface SecondaryStatus {
  readonly zone: string;
  /** `198.51.100.53:53` */
  readonly address: string;
  /** The serial that it answered with last; null when it has answered none yet. */
  readonly serial: number | null;
  /** `waiting`: the zone is not published yet. */
  readonly status: 'waiting' | 'current' | 'behind';
  /** From the last publication until it acknowledged the NOTIFY, and until it was seen to serve it. */
  readonly acknowledgedMs: number | null;
  readonly lagMs: number | null;
  /** What went wrong last, in words; null when nothing does. */
  readonly problem: string | null;
}

export interface Alarm {
  /** `history_degraded`, `prober_blind`, `backup_down`, `secondary_behind`, … */
  readonly name: string;
  readonly subject: string;
  readonly message: string;
  readonly since: string;
}

/** One sink, since the start. */
export interface SinkStatus {
  readonly sink: string;
  readonly format: string;
  readonly waiting: number;
  readonly delivered: number;
  readonly failedAttempts: number;
  /** Given up. */
  readonly expired: number;
  /** When it took something last, a test too; null: nothing yet. */
  readonly lastDeliveredAt: string | null;
  /** Its last attempt failed, and each since then; why the last one did. Null: nobody knows of a trouble. */
  readonly failing: { readonly since: string; readonly reason: string } | null;
}

/** What became of a test that was sent to a sink. */
export interface NotifyTest {
  readonly sink: string;
  readonly format: string;
  readonly delivered: boolean;
  /** Why not, in words; null when it was. */
  readonly reason: string | null;
  readonly elapsedMs: number;
}

/** How often the config was read again since the start. */
export interface ReloadCounts {
  readonly succeeded: number;
  /** Refused or failed: the config before stayed in force. */
  readonly failed: number;
}

export interface StatusReport {
  readonly version: string;
  readonly startedAt: string;
  readonly now: string;
  readonly verdict: 'ok' | 'on_backup' | 'all_down' | 'prober_blind' | 'storage_degraded';
  readonly listen: readonly string[];
  readonly configPath: string | null;
  readonly generation: number;
  readonly reloads: ReloadCounts;
  readonly records: readonly RecordStatus[];
  readonly zones: readonly { readonly zone: string; readonly serial: number }[];
  readonly secondaries: readonly SecondaryStatus[];
  readonly alarms: readonly Alarm[];
  readonly sinks: readonly SinkStatus[];
  readonly prober: ProberStats;
  /** Whether the prober trusts its own network, and the witnesses that tell it so. */
  readonly sight: Sight;
  readonly witnesses: readonly WitnessStatus[];
  readonly history: HistoryStatus;
  readonly dataPlane: DataPlaneStats;
}
