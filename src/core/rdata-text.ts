/** Reads a record's data in master-file form (RFC 1035 §5.1). */
import { formatIPv6, parseIPv4, parseIPv6 } from './address.ts';
import { type OwnerName, parseOwnerName, readOctet } from './name.ts';
import { type Parsed, parsed, problem } from './parsed.ts';
import type { Rdata, RRType } from './rr.ts';

/** What a config may write; the SOA is made by the program. */
export type StaticRRType = Exclude<RRType, 'SOA'>;

export const STATIC_TYPES: readonly StaticRRType[] = ['A', 'AAAA', 'CNAME', 'TXT', 'MX', 'NS', 'SRV', 'CAA'];

const MAX_STRING_OCTETS = 255;

/** One field of a record, without its quotes, its escapes still in it. */
type Field = string;

/**
 * Reads a record's data: `192.0.2.1`, `10 mail.example.com.`, `0 issue "ca.example.net"`.
 * A TXT text that does not begin with a quote is one string as it stands: `v=spf1 -all`.
 * @param origin what a name without a final dot is relative to.
 */
export function parseRdata(type: StaticRRType, text: string, origin: OwnerName): Parsed<Rdata> {
  if (type === 'TXT' && !text.trimStart().startsWith('"')) return parseTxt([text]);
  const fields = readFields(text);
  if (fields === null) return problem('has a quote that is not closed, or something right after one');
  return READERS[type](fields, origin);
}

/** The TXT record of these strings. Other than ASCII goes out as UTF-8, and a backslash is only a backslash. */
export function parseTxt(texts: readonly string[]): Parsed<Rdata> {
  const strings = texts.map(utf8Octets);
  const long = strings.find((string) => string.length > MAX_STRING_OCTETS);
  if (long !== undefined) return problem(stringTooLong(long.length));
  return strings.length === 0 ? problem('holds no string') : parsed({ type: 'TXT', strings });
}

function stringTooLong(octets: number): string {
  return `has a string of ${octets} octets, more than ${MAX_STRING_OCTETS}: write a list of shorter strings`;
}

type Reader = (fields: readonly Field[], origin: OwnerName) => Parsed<Rdata>;

const READERS: Readonly<Record<StaticRRType, Reader>> = {
  A: ([field, ...more]) => {
    const octets = parseIPv4(field ?? '');
    return octets && more.length === 0
      ? parsed({ type: 'A', address: octets.join('.') })
      : problem('is not an IPv4 address such as 192.0.2.1');
  },
  AAAA: ([field, ...more]) => {
    const octets = parseIPv6(field ?? '');
    return octets && more.length === 0
      ? parsed({ type: 'AAAA', address: formatIPv6(octets) })
      : problem('is not an IPv6 address such as 2001:db8::1');
  },
  NS: (fields, origin) => withName(fields, 0, 'ns1.example.net.', origin, (nsdname) => ({ type: 'NS', nsdname })),
  CNAME: (fields, origin) => withName(fields, 0, 'www.example.net.', origin, (cname) => ({ type: 'CNAME', cname })),
  MX: (fields, origin) => {
    const example = '10 mail.example.net.';
    return withName(fields, 1, example, origin, (exchange, [preference = 0]) => ({ type: 'MX', preference, exchange }));
  },
  SRV: (fields, origin) => {
    const example = '0 5 443 server.example.net.';
    return withName(fields, 3, example, origin, (target, [priority = 0, weight = 0, port = 0]) => {
      return { type: 'SRV', priority, weight, port, target };
    });
  },
  TXT: (fields) => {
    const strings = fields.map(unescapeOctets);
    if (!strings.every((string) => string !== null)) return problem('has an escape that is not \\X or \\DDD');
    const long = strings.find((string) => string.length > MAX_STRING_OCTETS);
    return long === undefined ? parsed({ type: 'TXT', strings }) : problem(stringTooLong(long.length));
  },
  CAA: readCaa,
};

/** So many numbers, then one name, and nothing more. */
function withName(
  fields: readonly Field[],
  numbers: number,
  example: string,
  origin: OwnerName,
  make: (name: OwnerName, values: readonly number[]) => Rdata,
): Parsed<Rdata> {
  const values = fields.slice(0, numbers).map((field) => parseUnsigned(field, 0xffff));
  const last = fields[numbers];
  if (last === undefined || fields.length !== numbers + 1 || values.includes(null))
    return problem(`is not of the form ${example}`);
  const name = parseOwnerName(last, origin);
  if (!name.ok) return problem(`names ${last}, which ${name.problem}`);
  return parsed(make(name.value, values.map(Number)));
}

/** RFC 8659 §4.1: flags, tag, value. */
function readCaa(fields: readonly Field[]): Parsed<Rdata> {
  const [flagsField, tagField, valueField, ...more] = fields;
  const flags = parseUnsigned(flagsField ?? '', 0xff);
  const tag = tagField ?? '';
  const value = unescapeOctets(valueField ?? '');
  const isWhole = flags !== null && valueField !== undefined && value !== null && more.length === 0;
  return isWhole && /^[0-9a-z]{1,255}$/i.test(tag)
    ? parsed({ type: 'CAA', flags, tag: tag.toLowerCase(), value })
    : problem('is not of the form 0 issue "ca.example.net"');
}

function parseUnsigned(text: string, max: number): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) <= max ? Number(text) : null;
}

/** Splits at white space outside quotes; null when a quote is not closed or has something right after it. */
function readFields(text: string): readonly Field[] | null {
  const fields: Field[] = [];
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|((?:[^\s"\\]|\\.)+)(?=\s|$))/gsy;
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const match = pattern.exec(text);
    if (!match) return null;
    fields.push(match[1] ?? match[2] ?? '');
  }
  return fields;
}

/** Octets, one a character, of a text with escapes; null when an escape is broken. */
function unescapeOctets(text: string): string | null {
  let octets = '';
  for (let i = 0; i < text.length; ) {
    const octet = readOctet(text, i);
    if (octet === null) return null;
    const isPlain = octet.length === 1;
    const end = isPlain ? nextEscape(text, i) : i + octet.length;
    octets += isPlain ? utf8Octets(text.slice(i, end)) : String.fromCharCode(octet.code & 0xff);
    i = end;
  }
  return octets;
}

function nextEscape(text: string, from: number): number {
  const at = text.indexOf('\\', from);
  return at === -1 ? text.length : at;
}

/** The UTF-8 octets of a text, one a character. */
function utf8Octets(text: string): string {
  return [...new TextEncoder().encode(text)].map((octet) => String.fromCharCode(octet)).join('');
}
