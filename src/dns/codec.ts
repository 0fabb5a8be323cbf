/**
 * The translation between our records and dns2's, the only file that knows dns2. Its field names differ from the RFCs' and
 * a misspelt one encodes silently, its names are strings in which a dot in a label is lost, and a few values come out
 * wrong: those go in as octets.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import type dns2 from 'dns2';
import { parseIPv6 } from '../core/address.ts';
import { nameToWire, type OwnerName } from '../core/name.ts';
import { type Rdata, type RRset, TYPE_CODES } from '../core/rr.ts';
import { CLASS_IN, writeUint16 } from './wire.ts';

const require = createRequire(import.meta.url);
/** Not by the package's index, which brings its servers and clients along, and with them HTTP/2 and TLS: 7 MiB a worker. */
const Packet: typeof dns2.Packet = require(path.join(path.dirname(require.resolve('dns2')), 'packet.js'));

/** A record without its owner name: type, class, TTL, length and data (RFC 1035 §4.1.3). */
export type RecordOctets = Uint8Array;

/** The records of a set, without compression: SRV targets must not have any (RFC 2782), and the others do not need it. */
export function encodeRRset({ ttlSeconds, rdatas }: RRset): readonly RecordOctets[] {
  return rdatas.map((rdata) => encodeRecord(rdata, ttlSeconds, CLASS_IN));
}

/** One record without its owner name. */
export function encodeRecord(rdata: Rdata, ttlSeconds: number, qclass: number): RecordOctets {
  const fixed = { name: '', class: qclass, ttl: ttlSeconds };
  const octets = octetsFor(rdata);
  if (!octets) return withoutOwner({ ...fixed, type: TYPE_CODES[rdata.type], ...fieldsOf(rdata) });
  const record = withoutOwner({ ...fixed, type: UNKNOWN_TYPE, data: octets });
  writeUint16(record, 0, TYPE_CODES[rdata.type]);
  return record;
}

/** A type that dns2 has no encoder for, so that it takes the data as octets (private use, RFC 6895 §3.1). */
const UNKNOWN_TYPE = 65_280;

type Fields = Partial<dns2.Packet.Resource>;

/** The owner that is left out is the root: one octet. */
function withoutOwner(fields: Fields): RecordOctets {
  return Packet.Resource.encode(new Packet.Resource(fields)).subarray(1);
}

/** A record's data in dns2's words. */
function fieldsOf(rdata: Rdata): Fields {
  switch (rdata.type) {
    case 'A':
      return { address: rdata.address };
    case 'AAAA':
      return { address: groupsOf(rdata.address) };
    case 'NS':
      return { ns: rdata.nsdname };
    case 'CNAME':
      return { domain: rdata.cname };
    case 'MX':
      return { priority: rdata.preference, exchange: rdata.exchange };
    case 'TXT':
      // Its type knows no list of buffers; its encoder does, and takes strings for UTF-8.
      return { data: rdata.strings.map(latin1) as unknown as string[] };
    case 'SRV':
      return { priority: rdata.priority, weight: rdata.weight, port: rdata.port, target: rdata.target };
    case 'CAA':
      return { flags: rdata.flags, tag: rdata.tag, value: rdata.value };
    case 'SOA':
      return {
        primary: rdata.mname,
        admin: rdata.rname,
        serial: rdata.serial,
        refresh: rdata.refreshSeconds,
        retry: rdata.retrySeconds,
        expiration: rdata.expireSeconds,
        minimum: rdata.minimumSeconds,
      };
  }
}

/** All eight groups: dns2 takes the dotted end of a mapped address for one group. */
function groupsOf(address: string): string {
  const octets = Uint8Array.from(parseIPv6(address) ?? []);
  return octets.length === 16
    ? Buffer.from(octets)
        .toString('hex')
        .replace(/.{4}(?!$)/g, '$&:')
    : address;
}

/** The data as octets where dns2 would encode it wrongly: names with escapes, and a CAA value that is not ASCII. */
function octetsFor(rdata: Rdata): Buffer | null {
  switch (rdata.type) {
    case 'NS':
      return isEscaped(rdata.nsdname) ? joinOctets(nameToWire(rdata.nsdname)) : null;
    case 'CNAME':
      return isEscaped(rdata.cname) ? joinOctets(nameToWire(rdata.cname)) : null;
    case 'MX':
      return isEscaped(rdata.exchange) ? joinOctets(uint16(rdata.preference), nameToWire(rdata.exchange)) : null;
    case 'SRV': {
      const numbers = [rdata.priority, rdata.weight, rdata.port].map(uint16);
      return isEscaped(rdata.target) ? joinOctets(...numbers, nameToWire(rdata.target)) : null;
    }
    case 'SOA': {
      const { serial, refreshSeconds, retrySeconds, expireSeconds, minimumSeconds } = rdata;
      const numbers = [serial, refreshSeconds, retrySeconds, expireSeconds, minimumSeconds].map(uint32);
      const isSpecial = isEscaped(rdata.mname) || isEscaped(rdata.rname);
      return isSpecial ? joinOctets(nameToWire(rdata.mname), nameToWire(rdata.rname), ...numbers) : null;
    }
    case 'CAA': {
      const { flags, tag, value } = rdata;
      const isAscii = /^[\0-\x7f]*$/.test(value);
      return isAscii ? null : joinOctets(Uint8Array.of(flags, tag.length), latin1(tag), latin1(value));
    }
    default:
      return null;
  }
}

function isEscaped(name: OwnerName): boolean {
  return name.includes('\\');
}

function joinOctets(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts);
}

function latin1(octets: string): Buffer {
  return Buffer.from(octets, 'latin1');
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
