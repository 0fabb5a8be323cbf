import type { OwnerName } from './name.ts';

/** One resource record's data, by type. Names are absolute. Addresses are in their canonical text form (RFC 5952). */
export type Rdata =
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'AAAA'; readonly address: string }
  | { readonly type: 'NS'; readonly nsdname: OwnerName }
  | { readonly type: 'CNAME'; readonly cname: OwnerName }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: OwnerName }
  /** Each string is at most 255 octets, one octet a character (latin1). */
  | { readonly type: 'TXT'; readonly strings: readonly string[] }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: OwnerName;
    }
  /** RFC 8659. The value is octets, one a character (latin1). */
  | { readonly type: 'CAA'; readonly flags: number; readonly tag: string; readonly value: string }
  | Soa;

/** RFC 1035 §3.3.13. */
export interface Soa {
  readonly type: 'SOA';
  readonly mname: OwnerName;
  readonly rname: OwnerName;
  readonly serial: number;
  readonly refreshSeconds: number;
  readonly retrySeconds: number;
  readonly expireSeconds: number;
  readonly minimumSeconds: number;
}

export type RRType = Rdata['type'];

/** All records of one owner, type and class IN; they share a TTL (RFC 2181 §5.2). Never empty. */
export interface RRset {
  readonly owner: OwnerName;
  readonly type: RRType;
  readonly ttlSeconds: number;
  readonly rdatas: readonly Rdata[];
}

/** Type codes (RFC 1035 §3.2.2, RFC 3596, 2782, 8659), in the order in which an owner's RRsets are listed. */
export const TYPE_CODES: Readonly<Record<RRType, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  CAA: 257,
};

const NAMES_BY_CODE = new Map(Object.entries(TYPE_CODES).map(([name, code]) => [code, name as RRType]));

/** The type with this code; undefined for one that no zone here can hold. */
export function rrTypeOf(code: number): RRType | undefined {
  return NAMES_BY_CODE.get(code);
}
