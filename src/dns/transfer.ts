/** Zone transfer out: AXFR (RFC 5936) and IXFR (RFC 1995). */
import { differenceSince, serialOf, type ZoneDelta, type ZoneRecord } from '../core/journal.ts';
import { nameToWire, type OwnerName } from '../core/name.ts';
import type { RRset } from '../core/rr.ts';
import { compareSerials } from '../core/serial.ts';
import type { Zone } from '../core/zone.ts';
import { type Body, emptyBody, recordsOf } from './body.ts';
import { encodeRecord, type RecordOctets } from './codec.ts';
import { CLASS_IN, FLAG_AA, HEADER_OCTETS, RCODE, writeUint16 } from './wire.ts';

/** A record as it is sent: what stands behind its owner name. */
interface Item {
  readonly owner: OwnerName;
  readonly octets: RecordOctets;
}

/** What a transfer sends, made as it is drawn, from a zone that does not change. */
export type TransferItems = Iterable<Item>;

export interface Transfer {
  readonly zone: Zone;
  readonly items: TransferItems;
}

/** The whole zone between two copies of its SOA (RFC 5936 §2.2). */
export function* wholeZone(zone: Zone): TransferItems {
  yield* itemsOf(zone.soa);
  for (const { rrsets } of zone.nodes.values()) {
    for (const rrset of rrsets) if (rrset.type !== 'SOA') yield* itemsOf(rrset);
  }
  yield* itemsOf(zone.soa);
}

/**
 * What brings a secondary from a serial to the current one: the SOA alone when it is there already, the difference, or the
 * whole zone when the journal does not reach back or the difference would be longer (RFC 1995 §2, §4).
 */
export function changesSince(zone: Zone, serial: number): TransferItems {
  const current = currentSerial(zone);
  const order = compareSerials(current, serial);
  if (order === 'equal' || order === 'less') return itemsOf(zone.soa);
  const delta = differenceSince(zone.journal ?? [], serial);
  const isKnown = delta !== null && serialOf(delta.to) === current;
  return isKnown && sizeOf(delta) <= zoneSize(zone) ? difference(zone.soa, delta) : wholeZone(zone);
}

function* difference(soa: RRset, { from, removed, to, added }: ZoneDelta): TransferItems {
  yield* itemsOf(soa);
  for (const record of [from, ...removed, to, ...added]) yield itemOf(record);
  yield* itemsOf(soa);
}

/** How far into a message a pointer reaches (RFC 1035 §4.1.4). */
const MAX_POINTED = 0x3fff;
/** A message is filled up to here; beyond it a pointer could not reach back, and a slice of the work would be too long. */
export const MESSAGE_OCTETS = 16 * 1024;

/**
 * Fills messages with the items. The names in one are compressed against the zone's apex, where it stands in the first.
 * @param questionOctets of the question that each message repeats.
 */
export function* fillMessages({ zone, items }: Transfer, questionOctets: number): Iterable<Body> {
  const start = HEADER_OCTETS + questionOctets;
  let page = newPage(zone.apex, start);
  for (const item of items) {
    if (page.answers > 0 && page.length + item.octets.length > MESSAGE_OCTETS) {
      yield bodyOf(page);
      page = newPage(zone.apex, start);
    }
    put(page, item);
  }
  yield bodyOf(page);
}

/** An IXFR in one message with so much room; when it does not fit, the SOA alone, which sends the client to TCP (RFC 1995 §2). */
export function fitInOne({ zone, items }: Transfer, questionOctets: number, room: number): Body {
  const start = HEADER_OCTETS + questionOctets;
  const page = newPage(zone.apex, start);
  for (const item of items) {
    put(page, item);
    if (page.length > room) return bodyOf(fill(newPage(zone.apex, start), itemsOf(zone.soa)));
  }
  return bodyOf(page);
}

interface Page {
  readonly apex: Uint8Array;
  /** Where in the message it begins. */
  readonly start: number;
  readonly parts: Uint8Array[];
  length: number;
  answers: number;
  /** Where the apex stands in the message; 0 while it does not. */
  apexAt: number;
}

function newPage(apex: OwnerName, start: number): Page {
  return { apex: nameToWire(apex), start, parts: [], length: 0, answers: 0, apexAt: 0 };
}

function put(page: Page, { owner, octets }: Item): void {
  const name = nameToWire(owner);
  const ownOctets = name.length - page.apex.length;
  const isPointing = page.apexAt > 0 && page.apex.length > 2;
  if (!isPointing) page.apexAt = Math.min(page.start + page.length + ownOctets, MAX_POINTED);
  const parts = isPointing ? [name.subarray(0, ownOctets), pointerTo(page.apexAt)] : [name];
  for (const part of [...parts, octets]) {
    page.parts.push(part);
    page.length += part.length;
  }
  page.answers += 1;
}

function fill(page: Page, items: TransferItems): Page {
  for (const item of items) put(page, item);
  return page;
}

function pointerTo(at: number): Uint8Array {
  const pointer = new Uint8Array(2);
  writeUint16(pointer, 0, 0xc000 | at);
  return pointer;
}

function bodyOf({ parts, answers }: Page): Body {
  return { ...emptyBody(RCODE.NOERROR), flags: FLAG_AA, answers, octets: Buffer.concat(parts) };
}

function* itemsOf(rrset: RRset): TransferItems {
  for (const octets of recordsOf(rrset)) yield { owner: rrset.owner, octets };
}

function itemOf({ owner, ttlSeconds, rdata }: ZoneRecord): Item {
  return { owner, octets: encodeRecord(rdata, ttlSeconds, CLASS_IN) };
}

function currentSerial({ apex, soa }: Zone): number {
  const [rdata] = soa.rdatas;
  if (rdata?.type !== 'SOA') throw new Error(`zone ${apex} has no SOA`);
  return rdata.serial;
}

function sizeOf({ removed, added }: ZoneDelta): number {
  return removed.length + added.length;
}

function zoneSize(zone: Zone): number {
  let size = 0;
  for (const { rrsets } of zone.nodes.values()) for (const { rdatas } of rrsets) size += rdatas.length;
  return size;
}
