import type { OwnerName } from './name.ts';
import type { RRset, RRType, Soa } from './rr.ts';

/** What a zone holds, as plain data: it crosses threads, and is what a transfer sends. */
export interface ZoneContent {
  readonly apex: OwnerName;
  readonly soa: Soa;
  readonly soaTtlSeconds: number;
  /** All RRsets but the SOA, the apex's NS among them. */
  readonly rrsets: readonly RRset[];
  /** Owner names that exist also while no RRset stands there: the records'. They answer NODATA then, not NXDOMAIN. */
  readonly names: readonly OwnerName[];
  /** What a resolver should know when the answer for an owner name is degraded (RFC 8914): owner to text. */
  readonly degraded: Readonly<Record<OwnerName, string>>;
}

/** One publication: the RRsets of some owner names become others, under a new serial. */
export interface ZoneChange {
  readonly apex: OwnerName;
  readonly serial: number;
  /** For each owner and type that changed, the RRset that now stands there; `rrset: null` removes it. */
  readonly changes: readonly { readonly owner: OwnerName; readonly type: RRType; readonly rrset: RRset | null }[];
  /** Sets or, with null, clears the degraded text of an owner name. */
  readonly degraded: Readonly<Record<OwnerName, string | null>>;
}
