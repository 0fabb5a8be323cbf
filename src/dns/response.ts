/**
 * Reads what other servers answer. By its own bounded walk, not by dns2's parser: that follows chains of pointers through
 * the whole message, and loses the dot in a label.
 */
import { formatIPv6 } from '../core/address.ts';
import { MAX_LABEL_OCTETS, MAX_NAME_OCTETS, nameFromWire, type OwnerName } from '../core/name.ts';
import { type Rdata, TYPE_CODES } from '../core/rr.ts';
import { countsOf } from './header.ts';
import { FLAG_AA, FLAG_TC, HEADER_OCTETS, QUESTION_TAIL_OCTETS, readUint16, TYPE_OPT } from './wire.ts';

export interface ResponseRecord {
  readonly owner: OwnerName;
  readonly type: number;
  readonly ttlSeconds: number;
  /** Null for the types that nobody here asks for. */
  readonly rdata: Rdata | null;
}

export interface Response {
  /** With the OPT's upper bits. */
  readonly rcode: number;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  /** Whether it carries an OPT record (RFC 6891). */
  readonly hasEdns: boolean;
  readonly answers: readonly ResponseRecord[];
  readonly authorities: readonly ResponseRecord[];
  readonly additionals: readonly ResponseRecord[];
}

/** So many records no answer to our questions has. */
const MAX_RECORDS = 500;

/** Reads a whole message; null when it is damaged. */
export function readResponse(message: Uint8Array): Response | null {
  const { questions, answers, authorities, additionals } = countsOf(message);
  if (message.length < HEADER_OCTETS || answers + authorities + additionals > MAX_RECORDS) return null;
  const cursor: Cursor = { message, at: HEADER_OCTETS };
  for (let i = 0; i < questions; i++) {
    if (readName(cursor) === null) return null;
    cursor.at += QUESTION_TAIL_OCTETS;
  }
  const sections = [answers, authorities, additionals].map((count) => readSection(cursor, count));
  const [answered, authority, additional] = sections;
  if (!answered || !authority || !additional) return null;
  const flags = message[2] ?? 0;
  const opt = additional.find(({ type }) => type === TYPE_OPT);
  return {
    rcode: ((message[3] ?? 0) & 0x0f) | (((opt?.ttlSeconds ?? 0) >>> 24) << 4),
    isAuthoritative: (flags & FLAG_AA) !== 0,
    isTruncated: (flags & FLAG_TC) !== 0,
    hasEdns: opt !== undefined,
    answers: answered,
    authorities: authority,
    additionals: additional.filter((record) => record !== opt),
  };
}

/** Where reading has come to. */
interface Cursor {
  readonly message: Uint8Array;
  at: number;
}

function readSection(cursor: Cursor, count: number): readonly ResponseRecord[] | null {
  const records: ResponseRecord[] = [];
  for (let i = 0; i < count; i++) {
    const record = readRecord(cursor);
    if (!record) return null;
    records.push(record);
  }
  return records;
}

const FIXED_OCTETS = 10;

function readRecord(cursor: Cursor): ResponseRecord | null {
  const { message } = cursor;
  const owner = readName(cursor);
  const { at } = cursor;
  const data = at + FIXED_OCTETS;
  if (owner === null || data > message.length) return null;
  const end = data + readUint16(message, at + 8);
  if (end > message.length) return null;
  const type = readUint16(message, at);
  cursor.at = data;
  const rdata = readRdata(cursor, type, end);
  cursor.at = end;
  return rdata === 'damaged' ? null : { owner, type, ttlSeconds: readUint32(message, at + 4), rdata };
}

function readRdata(cursor: Cursor, type: number, end: number): Rdata | null | 'damaged' {
  const { message, at } = cursor;
  const octets = [...message.subarray(at, end)];
  switch (type) {
    case TYPE_CODES.A:
      return octets.length === 4 ? { type: 'A', address: octets.join('.') } : 'damaged';
    case TYPE_CODES.AAAA:
      return octets.length === 16 ? { type: 'AAAA', address: formatIPv6(octets) } : 'damaged';
    case TYPE_CODES.NS:
    case TYPE_CODES.CNAME: {
      const name = readName(cursor);
      if (name === null || cursor.at !== end) return 'damaged';
      return type === TYPE_CODES.NS ? { type: 'NS', nsdname: name } : { type: 'CNAME', cname: name };
    }
    case TYPE_CODES.SOA:
      return readSoa(cursor, end);
    default:
      return null;
  }
}

function readSoa(cursor: Cursor, end: number): Rdata | 'damaged' {
  const mname = readName(cursor);
  const rname = readName(cursor);
  if (mname === null || rname === null || cursor.at + 20 !== end) return 'damaged';
  const number = (i: number): number => readUint32(cursor.message, cursor.at + 4 * i);
  return {
    type: 'SOA',
    mname,
    rname,
    serial: number(0),
    refreshSeconds: number(1),
    retrySeconds: number(2),
    expireSeconds: number(3),
    minimumSeconds: number(4),
  };
}

function readUint32(octets: Uint8Array, at: number): number {
  return readUint16(octets, at) * 65_536 + readUint16(octets, at + 2);
}

/** The name at the cursor, which then stands behind it; null when it is damaged. A pointer must lead back (RFC 1035 §4.1.4). */
function readName(cursor: Cursor): OwnerName | null {
  const { message } = cursor;
  const plain: number[] = [];
  let { at } = cursor;
  let start = at;
  let end = -1;
  while (plain.length < MAX_NAME_OCTETS) {
    const length = message[at] ?? -1;
    if (length >= 0xc0) {
      if (end === -1) end = at + 2;
      at = readUint16(message, at) & 0x3fff;
      if (at >= start) return null;
      start = at;
      continue;
    }
    if (length < 0 || length > MAX_LABEL_OCTETS || at + 1 + length > message.length) return null;
    plain.push(length, ...message.subarray(at + 1, at + 1 + length));
    at += 1 + length;
    if (length > 0) continue;
    if (plain.length > MAX_NAME_OCTETS) return null;
    cursor.at = end === -1 ? at : end;
    return nameFromWire(Uint8Array.from(plain));
  }
  return null;
}
