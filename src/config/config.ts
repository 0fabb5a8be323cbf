/** The config as the rest of the program sees it: every default filled in, every unit in the name, every file read. */

import type { OwnerName } from '../core/name.ts';
import type { RecordSpec } from '../core/record.ts';
import type { RRset } from '../core/rr.ts';
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
  readonly minimumSeconds: number;
}

export interface ZoneSpec {
  readonly apex: OwnerName;
  /** The apex's NS RRset, with the addresses of those names that lie in the zone (glue). */
  readonly nameservers: readonly { readonly name: OwnerName; readonly addresses: readonly string[] }[];
  readonly soa: SoaPolicy;
  readonly staticRRsets: readonly RRset[];
  readonly secondaries: readonly { readonly address: string; readonly port: number; readonly key: string | null }[];
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

export interface Config {
  /** The file it was read from, absolute; null for a config that was made in memory. */
  readonly path: string | null;
  readonly listen: readonly SocketAddress[];
  readonly workers: number | 'auto';
  readonly databasePath: string;
  readonly admin: { readonly listen: SocketAddress; readonly token: string | null; readonly metrics: boolean };
  readonly dns: DnsOptions;
  readonly prober: {
    readonly concurrency: number;
    readonly witnesses: readonly Witness[];
    readonly blindWhen: number;
    readonly onBlind: 'hold' | 'trust';
  };
  readonly zones: readonly ZoneSpec[];
  readonly history: { readonly probesMs: number; readonly transitionsMs: number | 'forever' };
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'auto' | 'pretty' | 'json' };
}

/** One finding about a config file, as a compiler reports it. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };
