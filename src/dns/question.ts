/** Reads the question, octet by octet: the names of dns2 are strings, in which a dot in a label is lost. */
import { MAX_LABEL_OCTETS, MAX_NAME_OCTETS, nameFromWire, type OwnerName } from '../core/name.ts';
import { HEADER_OCTETS, QUESTION_TAIL_OCTETS, readUint16 } from './wire.ts';

export interface Question {
  /** In canonical form; the message keeps the letter case. */
  readonly qname: OwnerName;
  readonly qtype: number;
  readonly qclass: number;
  /** Where the question ends in the message. */
  readonly end: number;
}

/**
 * Reads the question behind the header; null when it is damaged. A compression pointer is damage: there is no earlier name
 * to which it could point (RFC 1035 §4.1.4).
 */
export function readQuestion(message: Uint8Array): Question | null {
  const nameEnd = endOfPlainName(message, HEADER_OCTETS);
  const end = nameEnd + QUESTION_TAIL_OCTETS;
  if (nameEnd === -1 || end > message.length) return null;
  return {
    qname: nameFromWire(message, HEADER_OCTETS),
    qtype: readUint16(message, nameEnd),
    qclass: readUint16(message, nameEnd + 2),
    end,
  };
}

/** Where the uncompressed name that begins at `at` ends; -1 when it is none. */
export function endOfPlainName(message: Uint8Array, at: number): number {
  const limit = Math.min(message.length, at + MAX_NAME_OCTETS);
  let next = at;
  while (next < limit) {
    const length = message[next] ?? 0;
    next += 1 + length;
    if (length > MAX_LABEL_OCTETS) return -1;
    if (length === 0) return next;
  }
  return -1;
}
