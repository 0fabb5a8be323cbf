/**
 * Recognises the plain query that resolvers send: QUERY, one question of class IN, at most an OPT without options or with a
 * cookie alone, and nothing more. Anything else is left to the slow path, which gives the same response to a plain one.
 */
import { MAX_LABEL_OCTETS, MAX_NAME_OCTETS } from '../core/name.ts';
import { isCookieLength } from './cookies.ts';
import type { ReplyEdns } from './sender.ts';
import { CLASS_IN, HEADER_OCTETS, OPTION_COOKIE, QUESTION_TAIL_OCTETS, readUint16, TYPE_OPT } from './wire.ts';

/** Where the parts of the last plain query stand in its memory. One object serves all queries. */
export interface PlainQuery {
  nameEnd: number;
  qtype: number;
  hasOpt: boolean;
  readonly edns: { -readonly [Key in keyof ReplyEdns]: ReplyEdns[Key] };
}

export function createPlainQuery(): PlainQuery {
  const edns = { udpOctets: 0, isDnssecOk: false, wantsNsid: false, cookieAt: 0, cookieOctets: 0 };
  return { nameEnd: 0, qtype: 0, hasOpt: false, edns };
}

const OPT_OCTETS = 11;
/** RA, Z and the rcode have no meaning in a query, AD and CD none for us. */
const UNUSED_FLAGS = 0xcf;

/** Reads the query at `start`; false, with `query` in any state, when it is not plain. */
export function readPlainQuery(query: PlainQuery, message: Uint8Array, start: number, octets: number): boolean {
  const end = start + octets;
  if (octets < HEADER_OCTETS || !hasPlainHeader(message, start)) return false;
  const nameEnd = endOfName(message, start + HEADER_OCTETS, end);
  const questionEnd = nameEnd + QUESTION_TAIL_OCTETS;
  if (nameEnd === -1 || questionEnd > end || readUint16(message, nameEnd + 2) !== CLASS_IN) return false;
  query.nameEnd = nameEnd;
  query.qtype = readUint16(message, nameEnd);
  query.hasOpt = message[start + 11] === 1;
  query.edns.cookieAt = 0;
  return query.hasOpt ? readPlainOpt(query, message, questionEnd, end) : questionEnd === end;
}

/** QUERY, RD or not; one question, and at most one record more. */
function hasPlainHeader(message: Uint8Array, start: number): boolean {
  const flags = ((message[start + 2] ?? 0) & 0xfe) | ((message[start + 3] ?? 0) & UNUSED_FLAGS);
  const isOneQuestion = message[start + 4] === 0 && message[start + 5] === 1;
  const others = readUint16(message, start + 6) | readUint16(message, start + 8) | (message[start + 10] ?? 0);
  return flags === 0 && isOneQuestion && others === 0 && (message[start + 11] ?? 0) <= 1;
}

function endOfName(message: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + MAX_NAME_OCTETS);
  let at = start;
  while (at < limit) {
    const length = message[at] ?? 0;
    at += 1 + length;
    if (length > MAX_LABEL_OCTETS) return -1;
    if (length === 0) return at;
  }
  return -1;
}

/** An OPT of version 0 that reaches to the end, with nothing in it or one cookie. */
function readPlainOpt(query: PlainQuery, message: Uint8Array, at: number, end: number): boolean {
  const rest = end - at;
  if (rest < OPT_OCTETS || message[at] !== 0 || readUint16(message, at + 1) !== TYPE_OPT) return false;
  const version = message[at + 6] ?? 0;
  const dataOctets = readUint16(message, at + 9);
  if (version !== 0 || dataOctets !== rest - OPT_OCTETS) return false;
  query.edns.udpOctets = readUint16(message, at + 3);
  query.edns.isDnssecOk = ((message[at + 7] ?? 0) & 0x80) !== 0;
  return dataOctets === 0 || readPlainCookie(query, message, at + OPT_OCTETS, dataOctets);
}

function readPlainCookie(query: PlainQuery, message: Uint8Array, at: number, dataOctets: number): boolean {
  const octets = dataOctets - 4;
  if (!isCookieLength(octets)) return false;
  if (readUint16(message, at) !== OPTION_COOKIE || readUint16(message, at + 2) !== octets) return false;
  query.edns.cookieAt = at + 4;
  query.edns.cookieOctets = octets;
  return true;
}
