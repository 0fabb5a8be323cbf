/** A query that a worker puts to its own responder, to see that it answers. */
import { nameToWire, type OwnerName, ROOT } from '../core/name.ts';
import type { Responder } from './responder.ts';
import { CLASS_IN, FLAG_AA, FLAG_QR, HEADER_OCTETS, QUESTION_TAIL_OCTETS, writeUint16 } from './wire.ts';

const TYPE_SOA = 6;
const FROM_LOOPBACK = Buffer.from('00000000000000000000ffff7f0000010000', 'hex');

/** Whether the zone's SOA is answered with authority; without a zone, whether anything is. */
export function answersItself(responder: Responder, apex: OwnerName | null): boolean {
  const response = responder.handleTcp(soaQuery(apex ?? ROOT), FROM_LOOPBACK);
  if (!(response instanceof Uint8Array)) return false;
  const expected = FLAG_QR | (apex === null ? 0 : FLAG_AA);
  return ((response[2] ?? 0) & expected) === expected;
}

function soaQuery(qname: OwnerName): Uint8Array {
  const name = nameToWire(qname);
  const query = new Uint8Array(HEADER_OCTETS + name.length + QUESTION_TAIL_OCTETS);
  writeUint16(query, 4, 1);
  query.set(name, HEADER_OCTETS);
  writeUint16(query, HEADER_OCTETS + name.length, TYPE_SOA);
  writeUint16(query, HEADER_OCTETS + name.length + 2, CLASS_IN);
  return query;
}
