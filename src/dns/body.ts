/**
 * What a response says behind its question, in octets that do not depend on the question's letter case, nor, but for a few
 * pointers, on its name. The slow path makes one for a query; the fast path keeps those that the slow path makes.
 */

import type { LookupResult } from '../core/lookup.ts';
import { isSubdomainOf, nameToWire, type OwnerName } from '../core/name.ts';
import type { Rdata, RRset } from '../core/rr.ts';
import { encodeRRset, type RecordOctets } from './codec.ts';
import { EDE, FLAG_AA, HEADER_OCTETS, OPTION_EDE, RCODE, writeUint16 } from './wire.ts';

export interface Body {
  /** AA, or nothing. */
  readonly flags: number;
  /** Above 15 only where the query has an OPT. */
  readonly rcode: number;
  readonly answers: number;
  readonly authorities: number;
  readonly additionals: number;
  /** The three sections, without the OPT. */
  readonly octets: Uint8Array;
  /** Pairs: where in the octets a pointer stands, and how many octets of the question's name, from its end, it points to. */
  readonly pointers: readonly number[];
  /** An EDNS option with an Extended DNS Error, for a query with an OPT; null when there is nothing to tell. */
  readonly ede: Uint8Array | null;
  /** Equal for responses that rate limiting counts together. */
  readonly rateKey: number;
}

/** One for all, which is in the cache when it is needed. */
const NO_POINTERS: readonly number[] = [];
const POINTER_TO_QNAME = Uint8Array.of(0xc0, HEADER_OCTETS);
const POINTER_TO_BE_SET = Uint8Array.of(0, 0);

/** A response without records. */
export function emptyBody(rcode: number, ede: Uint8Array | null = null): Body {
  const octets = new Uint8Array(0);
  const rateKey = hashText(`rcode ${rcode}`);
  return { flags: 0, rcode, answers: 0, authorities: 0, additionals: 0, octets, pointers: NO_POINTERS, ede, rateKey };
}

/** A response of one record that has the question's name. */
export function recordBody(record: RecordOctets): Body {
  const octets = Buffer.concat([POINTER_TO_QNAME, record]);
  return { ...emptyBody(RCODE.NOERROR), flags: FLAG_AA, answers: 1, octets };
}

/** How a record names its owner: by a pointer to the question's name, by one to its end where it can, or in full. */
type OwnerForm = 'answer' | 'authority' | 'additional';

/** The response to a question by what a lookup found. */
export function composeBody(result: LookupResult, qname: OwnerName): Body {
  const parts: Uint8Array[] = [];
  const pointers: number[] = [];
  let length = 0;
  const put = (octets: Uint8Array) => {
    parts.push(octets);
    length += octets.length;
  };
  const putRRsets = (rrsets: readonly RRset[], form: OwnerForm): number => {
    const before = parts.length;
    for (const rrset of rrsets) {
      const { octets, suffix } = ownerOctets(rrset.owner, qname, form);
      for (const record of recordsOf(rrset)) {
        if (suffix > 0) pointers.push(length, suffix);
        put(octets);
        put(record);
      }
    }
    return (parts.length - before) / 2;
  };
  const answers = putRRsets(result.answer, 'answer');
  const authorities = putRRsets(result.authority, 'authority');
  const additionals = putRRsets(result.additional, 'additional');
  const octets = Buffer.concat(parts);
  const isOfOurs = result.kind !== 'refused' && (result.kind !== 'delegation' || answers > 0);
  const flags = isOfOurs ? FLAG_AA : 0;
  const rateKey = hashText(`${result.kind} ${result.source} ${result.answer[0]?.type}`);
  return {
    flags,
    rcode: rcodeOf(result),
    answers,
    authorities,
    additionals,
    octets,
    pointers: pointers.length > 0 ? pointers : NO_POINTERS,
    ede: edeOf(result),
    rateKey,
  };
}

interface OwnerOctets {
  readonly octets: Uint8Array;
  /** For a pointer to the end of the question's name: how many octets of it; else 0. */
  readonly suffix: number;
}

/**
 * What stands in the authority section is at or above every name that it is said of, so that the same octets serve them all;
 * glue is written in full for the same reason.
 */
function ownerOctets(owner: OwnerName, qname: OwnerName, form: OwnerForm): OwnerOctets {
  if (form === 'answer' && owner === qname) return { octets: POINTER_TO_QNAME, suffix: 0 };
  const name = nameToWire(owner);
  const isAbove = form !== 'additional' && name.length > POINTER_TO_BE_SET.length && isSubdomainOf(qname, owner);
  return isAbove ? { octets: POINTER_TO_BE_SET, suffix: name.length } : { octets: name, suffix: 0 };
}

/** The octets of a set are made once. They hang on its data, which a set that a wildcard answers with shares. */
const encoded = new WeakMap<readonly Rdata[], { ttlSeconds: number; records: readonly RecordOctets[] }>();

export function recordsOf(rrset: RRset): readonly RecordOctets[] {
  const known = encoded.get(rrset.rdatas);
  if (known?.ttlSeconds === rrset.ttlSeconds) return known.records;
  const records = encodeRRset(rrset);
  encoded.set(rrset.rdatas, { ttlSeconds: rrset.ttlSeconds, records });
  return records;
}

function rcodeOf({ kind }: LookupResult): number {
  if (kind === 'refused') return RCODE.REFUSED;
  return kind === 'nxdomain' ? RCODE.NXDOMAIN : RCODE.NOERROR;
}

function edeOf({ kind, degraded }: LookupResult): Uint8Array | null {
  if (kind === 'refused') return edeOption(EDE.NOT_AUTHORITATIVE, '');
  if (degraded === null) return null;
  return edeOption(kind === 'answer' ? EDE.STALE_ANSWER : EDE.OTHER, degraded);
}

const MAX_EDE_TEXT_OCTETS = 256;

/** An Extended DNS Error (RFC 8914 §2) with a text for people, cut where it is too long. */
export function edeOption(code: number, text: string): Uint8Array {
  const octets = new Uint8Array(MAX_EDE_TEXT_OCTETS);
  const { written } = new TextEncoder().encodeInto(text, octets);
  const option = new Uint8Array(6 + written);
  writeUint16(option, 0, OPTION_EDE);
  writeUint16(option, 2, 2 + written);
  writeUint16(option, 4, code);
  option.set(octets.subarray(0, written), 6);
  return option;
}

/** 32 bits of a text (FNV-1a), signed: V8 keeps those in the object, and others beside it. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
