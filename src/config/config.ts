/**
 * The config as the rest of the program sees it: every default filled in, every unit in the name, every file read.
 * Plain data: it can cross threads.
 */

import type { OwnerName } from '../core/name.ts';
import type { RecordSpec } from '../core/record.ts';
import type { RRset } from '../core/rr.ts';
import type { SinkSpec } from '../runtime/outbox.ts';
import type { DnsOptions } from '../runtime/ports.ts';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

export interface SoaPolicy {
  readonly contact: OwnerName;
  readonly refreshSeconds: number;
  readonly retrySeconds: number;
  readonly expireSeconds: number;
  /** The TTL of negative answers (RFC 2308 §4); never above the lowest TTL of the zone's records. */
  readonly minimumSeconds: number;
}

export interface NameserverSpec {
  readonly name: OwnerName;
  /** Glue; empty for a name outside the zone. */
  readonly addresses: readonly string[];
}

export interface SecondarySpec {
  readonly address: string;
  readonly port: number;
  /** A name in {@link Config.keys}; null: the address alone is enough. */
  readonly key: OwnerName | null;
}

export interface ZoneSpec {
  readonly apex: OwnerName;
  /** The apex's NS RRset, with the addresses of those names that lie in the zone (glue). */
  readonly nameservers: readonly NameserverSpec[];
  readonly soa: SoaPolicy;
  readonly staticRRsets: readonly RRset[];
  readonly secondaries: readonly SecondarySpec[];
  /** Publish `_failover.<record>` TXT with the state of each record. */
  readonly statusTxt: boolean;
  readonly records: readonly RecordSpec[];
}

export interface Witness {
  /** As written in the config. */
  readonly name: string;
  readonly check:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'http'; readonly url: string };
}

/** A shared secret for TSIG (RFC 8945). */
export interface TsigKey {
  readonly name: OwnerName;
  readonly algorithm: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';
  /** In base64. */
  readonly secret: string;
}

/** A window in which a target is drained. */
export interface MaintenanceSpec {
  readonly record: OwnerName;
  readonly target: string;
  /** Five fields; when the window opens. */
  readonly cron: string;
  readonly timezone: string;
  readonly durationMs: number;
}

export interface AdminSpec {
  readonly listen: SocketAddress;
  readonly token: string | null;
  readonly metrics: boolean;
  /** Reads need no token. */
  readonly publicRead: boolean;
}

export interface ProberSpec {
  readonly concurrency: number;
  readonly witnesses: readonly Witness[];
  readonly blindWhen: number;
  readonly onBlind: 'hold' | 'trust';
}

export interface HistorySpec {
  readonly probesMs: number;
  readonly transitionsMs: number | 'forever';
}

export interface LogSpec {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'auto' | 'pretty' | 'json';
}

export interface Config {
  /** The file it was read from, absolute; null for a config that was made in memory. */
  readonly path: string | null;
  readonly listen: readonly SocketAddress[];
  readonly workers: number | 'auto';
  /** Absolute, or relative to the working directory for a config that was made in memory. */
  readonly databasePath: string;
  readonly admin: AdminSpec;
  readonly dns: DnsOptions;
  readonly prober: ProberSpec;
  readonly zones: readonly ZoneSpec[];
  readonly keys: readonly TsigKey[];
  readonly notify: readonly SinkSpec[];
  readonly maintenance: readonly MaintenanceSpec[];
  readonly history: HistorySpec;
  readonly log: LogSpec;
}

/** One finding about a config file, as a compiler reports it. */
export interface Problem {
  /** As it was named by the caller. */
  readonly file: string;
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };
