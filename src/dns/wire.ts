/** Numbers of the DNS wire format (RFC 1035 §4.1, and the IANA registry of DNS parameters). */

export const HEADER_OCTETS = 12;
/** What a client that does not speak EDNS can take over UDP (RFC 1035 §4.2.1). */
export const PLAIN_UDP_OCTETS = 512;
/** QTYPE and QCLASS after the name of a question. */
export const QUESTION_TAIL_OCTETS = 4;

/** In the header's third octet. */
export const FLAG_QR = 0x80;
export const FLAG_AA = 0x04;
export const FLAG_TC = 0x02;
export const FLAG_RD = 0x01;
export const OPCODE_MASK = 0x78;

export const OPCODE_QUERY = 0;
export const OPCODE_NOTIFY = 4;

export const CLASS_IN = 1;
export const CLASS_CH = 3;
export const CLASS_ANY = 255;

export const TYPE_TXT = 16;
export const TYPE_OPT = 41;
export const TYPE_TSIG = 250;
export const TYPE_IXFR = 251;
export const TYPE_AXFR = 252;
export const TYPE_MAILB = 253;
export const TYPE_MAILA = 254;
export const TYPE_ANY = 255;

/** Response codes (RFC 6895 §2.3); those above 15 need an OPT record. */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  NOTAUTH: 9,
  BADVERS: 16,
  BADCOOKIE: 23,
} as const;

/** Its name, or its number where it has none here. */
export function rcodeName(rcode: number): string {
  return Object.entries(RCODE).find(([, code]) => code === rcode)?.[0] ?? `rcode ${rcode}`;
}

/** EDNS option codes. */
export const OPTION_NSID = 3;
export const OPTION_COOKIE = 10;
export const OPTION_EDE = 15;

/** Extended DNS Errors (RFC 8914 §4). */
export const EDE = {
  OTHER: 0,
  STALE_ANSWER: 3,
  PROHIBITED: 18,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  INVALID_QUERY_TYPE: 30,
} as const;

export function readUint16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

export function writeUint16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}

/** Makes a function that gives the view of an array; it keeps the last one, as the same memory comes again and again. */
export function createViewer(): (octets: Uint8Array) => DataView {
  let last: Uint8Array = new Uint8Array(0);
  let view: DataView = new DataView(last.buffer);
  return (octets) => {
    if (octets === last) return view;
    last = octets;
    view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    return view;
  };
}
