/**
 * Reads what follows the question of a query: the OPT record, and whether there is a TSIG. By its own bounded walk, not by
 * dns2's parser: that follows chains of pointers through the whole message, and drops the octets of options.
 */
import { TYPE_CODES } from '../core/rr.ts';
import type { Counts } from './header.ts';
import { OPTION_COOKIE, OPTION_NSID, readUint16, TYPE_OPT, TYPE_TSIG } from './wire.ts';

/** The OPT record of a query (RFC 6891 §6.1.2). */
export interface Edns {
  /** What the client can take over UDP. */
  readonly udpOctets: number;
  readonly version: number;
  readonly isDnssecOk: boolean;
  /** The client asks for the name server's identifier (RFC 5001). */
  readonly wantsNsid: boolean;
  /** Where the data of the COOKIE option stands in the message (RFC 7873 §4); 0 when there is none. */
  readonly cookieAt: number;
  readonly cookieOctets: number;
}

export interface Additional {
  readonly edns: Edns | null;
  /** Where the TSIG record begins; 0 when there is none. It is the last record (RFC 8945 §5.1). */
  readonly tsigAt: number;
  /** The serial of the SOA in the authority section, which an IXFR has (RFC 1995 §3); null without one. */
  readonly serial: number | null;
  /** Damaged, more than one OPT, or a TSIG that is not the last record. The OPT, where one was understood, says whether the FORMERR carries one too. */
  readonly isDamaged: boolean;
}

/** Reads the records from `at` to the end of the message, which they have to fill. */
export function readAdditional(message: Uint8Array, at: number, { authorities, additionals }: Counts): Additional {
  let edns: Edns | null = null;
  let serial: number | null = null;
  let tsigAt = 0;
  let next = at;
  for (let i = 0; i < authorities + additionals; i++) {
    const start = next;
    const record = readRecord(message, start);
    if (!record || tsigAt > 0) return { edns, tsigAt, serial, isDamaged: true };
    next = record.end;
    if (i < authorities) serial = serialOf(message, record);
    else if (record.type === TYPE_TSIG) tsigAt = start;
    else if (record.type === TYPE_OPT) {
      const opt: Edns | null = edns === null ? readOpt(message, record) : null;
      if (!opt) return { edns, tsigAt, serial, isDamaged: true };
      edns = opt;
    }
  }
  return { edns, tsigAt, serial, isDamaged: next !== message.length };
}

/** Two names of at least one octet, and five numbers, of which the serial is the first (RFC 1035 §3.3.13). */
const MIN_SOA_OCTETS = 22;
const SERIAL_BEFORE_END = 20;

function serialOf(message: Uint8Array, { type, at, end }: WireRecord): number | null {
  if (type !== TYPE_CODES.SOA || end - at - FIXED_OCTETS < MIN_SOA_OCTETS) return null;
  const serialAt = end - SERIAL_BEFORE_END;
  return readUint16(message, serialAt) * 65_536 + readUint16(message, serialAt + 2);
}

interface WireRecord {
  readonly type: number;
  /** Whether the owner is the root, written as one zero octet. */
  readonly isOfRoot: boolean;
  /** Where the type stands. */
  readonly at: number;
  readonly end: number;
}

const FIXED_OCTETS = 10;

function readRecord(message: Uint8Array, start: number): WireRecord | null {
  const at = endOfName(message, start);
  const rdata = at + FIXED_OCTETS;
  if (at === -1 || rdata > message.length) return null;
  const end = rdata + readUint16(message, at + 8);
  return end > message.length ? null : { type: readUint16(message, at), isOfRoot: at === start + 1, at, end };
}

/** Where a name ends, without following a pointer; -1 when it does not. */
function endOfName(message: Uint8Array, start: number): number {
  let at = start;
  while (at < message.length) {
    const length = message[at] ?? 0;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length > 63) return -1;
    at += 1 + length;
  }
  return -1;
}

/** Null when it is damaged: not of the root, or with options that do not fill it. Those of another version are not looked at. */
function readOpt(message: Uint8Array, { at, end, isOfRoot }: WireRecord): Edns | null {
  const version = message[at + 5] ?? 0;
  const options = version === 0 ? readOptions(message, at + FIXED_OCTETS, end) : NO_OPTIONS;
  if (!isOfRoot || !options) return null;
  const isDnssecOk = ((message[at + 6] ?? 0) & 0x80) !== 0;
  return { udpOctets: readUint16(message, at + 2), version, isDnssecOk, ...options };
}

type Options = Pick<Edns, 'wantsNsid' | 'cookieAt' | 'cookieOctets'>;

const NO_OPTIONS: Options = { wantsNsid: false, cookieAt: 0, cookieOctets: 0 };

/** Unknown options are passed over (RFC 6891 §6.1.2); of several cookies the first counts (RFC 7873 §5.2). */
function readOptions(message: Uint8Array, start: number, end: number): Options | null {
  let wantsNsid = false;
  let [cookieAt, cookieOctets] = [0, 0];
  let at = start;
  while (at + 4 <= end) {
    const code = readUint16(message, at);
    const data = at + 4;
    at = data + readUint16(message, at + 2);
    if (at > end) return null;
    if (code === OPTION_NSID) wantsNsid = true;
    if (code === OPTION_COOKIE && cookieAt === 0) [cookieAt, cookieOctets] = [data, at - data];
  }
  return at === end ? { wantsNsid, cookieAt, cookieOctets } : null;
}
