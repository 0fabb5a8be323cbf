/** Writes a response: header, the question as it came, a body, and the OPT record. */
import type { Body } from './body.ts';
import { FLAG_QR, FLAG_RD, FLAG_TC, HEADER_OCTETS, TYPE_OPT, writeUint16 } from './wire.ts';

/** The OPT record of a response. One object serves many responses. */
export interface ReplyOpt {
  /** What we can take over UDP. */
  readonly udpOctets: number;
  isDnssecOk: boolean;
  /** Whole options, or null. */
  cookie: Uint8Array | null;
  nsid: Uint8Array | null;
}

/** Where a query stands and how much of it is the question; where the response goes. One object serves many. */
export interface Exchange {
  query: Uint8Array;
  queryAt: number;
  /** Octets of the question; 0 when there is none, or none that can be repeated. */
  questionOctets: number;
  reply: Uint8Array;
  replyAt: number;
}

const OPT_OCTETS = 11;

/**
 * Writes the response; one that is longer than the limit loses its Extended DNS Error, else all of its records, with TC set.
 * @param opt null when the query has no OPT.
 * @returns its length.
 */
export function writeReply(exchange: Exchange, body: Body, opt: ReplyOpt | null, limit: number): number {
  const plain = HEADER_OCTETS + exchange.questionOctets + body.octets.length;
  if (opt === null) return plain <= limit ? write(exchange, body, null, null) : writeTruncated(exchange, body, null);
  const withOpt = plain + OPT_OCTETS + lengthOf(opt.cookie) + lengthOf(opt.nsid);
  if (withOpt + lengthOf(body.ede) <= limit) return write(exchange, body, opt, body.ede);
  if (withOpt <= limit) return write(exchange, body, opt, null);
  return writeTruncated(exchange, body, opt);
}

/** A response that sends the client to TCP: no record but the OPT (RFC 2181 §9). */
export function writeTruncated(exchange: Exchange, body: Body, opt: ReplyOpt | null): number {
  const empty = { ...body, flags: body.flags | FLAG_TC, answers: 0, authorities: 0, additionals: 0 };
  return write(exchange, { ...empty, octets: NOTHING, pointers: [] }, opt && { ...opt, nsid: null }, null);
}

const NOTHING = new Uint8Array(0);

function lengthOf(option: Uint8Array | null): number {
  return option === null ? 0 : option.length;
}

function write(exchange: Exchange, body: Body, opt: ReplyOpt | null, ede: Uint8Array | null): number {
  const { query, queryAt, questionOctets, reply, replyAt } = exchange;
  writeHeader(exchange, body, opt === null ? 0 : 1);
  let at = replyAt + HEADER_OCTETS;
  copy(query, queryAt + HEADER_OCTETS, questionOctets, reply, at);
  at += questionOctets;
  const { octets, pointers } = body;
  copy(octets, 0, octets.length, reply, at);
  const nameEnd = HEADER_OCTETS + questionOctets - 4;
  for (let i = 0; i < pointers.length; i += 2) {
    writeUint16(reply, at + (pointers[i] ?? 0), 0xc000 | (nameEnd - (pointers[i + 1] ?? 0)));
  }
  at += octets.length;
  return (opt === null ? at : writeOpt(reply, at, body.rcode, opt, ede)) - replyAt;
}

function writeHeader({ query, queryAt, reply, replyAt, questionOctets }: Exchange, body: Body, opts: number): void {
  const flags = query[queryAt + 2] ?? 0;
  reply[replyAt] = query[queryAt] ?? 0;
  reply[replyAt + 1] = query[queryAt + 1] ?? 0;
  // The opcode is repeated; RD only for QUERY, as it means nothing elsewhere.
  reply[replyAt + 2] = FLAG_QR | (flags & 0x78) | (flags & 0x78 ? 0 : flags & FLAG_RD) | body.flags;
  reply[replyAt + 3] = body.rcode & 0x0f;
  writeUint16(reply, replyAt + 4, questionOctets === 0 ? 0 : 1);
  writeUint16(reply, replyAt + 6, body.answers);
  writeUint16(reply, replyAt + 8, body.authorities);
  writeUint16(reply, replyAt + 10, body.additionals + opts);
}

/** RFC 6891 §6.1.2. @returns where it ends. */
function writeOpt(reply: Uint8Array, start: number, rcode: number, opt: ReplyOpt, ede: Uint8Array | null): number {
  reply[start] = 0;
  writeUint16(reply, start + 1, TYPE_OPT);
  writeUint16(reply, start + 3, opt.udpOctets);
  reply[start + 5] = rcode >>> 4;
  reply[start + 6] = 0;
  writeUint16(reply, start + 7, opt.isDnssecOk ? 0x8000 : 0);
  let at = start + OPT_OCTETS;
  at = writeOption(reply, at, opt.cookie);
  at = writeOption(reply, at, opt.nsid);
  at = writeOption(reply, at, ede);
  writeUint16(reply, start + 9, at - start - OPT_OCTETS);
  return at;
}

function writeOption(reply: Uint8Array, at: number, option: Uint8Array | null): number {
  if (option === null) return at;
  copy(option, 0, option.length, reply, at);
  return at + option.length;
}

/** A loop: for so few octets the engine's own copying costs more than it saves. */
function copy(from: Uint8Array, fromAt: number, length: number, to: Uint8Array, toAt: number): void {
  for (let i = 0; i < length; i++) to[toAt + i] = from[fromAt + i] ?? 0;
}
