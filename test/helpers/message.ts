/** DNS messages as octets, made and read without the code under test and without dns2. */

export interface QueryOptions {
  readonly id?: number;
  readonly name?: string;
  /** Labels as octets, where the name has special ones. */
  readonly labels?: readonly Uint8Array[];
  readonly type?: number;
  readonly class?: number;
  readonly opcode?: number;
  /** RD and nothing else unless they are given: the third and fourth octet of the header. */
  readonly flags?: number;
  /** QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT where they shall not tell the truth. */
  readonly counts?: readonly number[];
  readonly opt?: OptOptions | readonly OptOptions[] | null;
  /** Octets behind all else. */
  readonly tail?: Uint8Array;
}

export interface OptOptions {
  readonly udpOctets?: number;
  readonly version?: number;
  readonly extendedFlags?: number;
  readonly owner?: Uint8Array;
  readonly options?: readonly { readonly code: number; readonly data: Uint8Array }[];
}

export function uint16(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}

export function wireName(name: string): Uint8Array {
  const labels = name.split('.').filter((label) => label !== '');
  return labelsToWire(labels.map((label) => Buffer.from(label, 'latin1')));
}

function labelsToWire(labels: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([...labels.flatMap((label) => [Uint8Array.of(label.length), label]), Uint8Array.of(0)]);
}

function optRecord({
  udpOctets = 1232,
  version = 0,
  extendedFlags = 0,
  owner = Uint8Array.of(0),
  options = [],
}: OptOptions): Uint8Array {
  const data = Buffer.concat(options.flatMap(({ code, data }) => [uint16(code, data.length), data]));
  return Buffer.concat([
    owner,
    uint16(41, udpOctets),
    Uint8Array.of(0, version),
    uint16(extendedFlags, data.length),
    data,
  ]);
}

/** A query; without any option a plain one for A of example.com with RD. */
export function query(options: QueryOptions = {}): Buffer {
  const { id = 0x1234, name = 'example.com', labels, type = 1, opcode = 0, flags = 0x0100, opt = null, tail } = options;
  const opts = opt === null ? [] : Array.isArray(opt) ? opt : [opt as OptOptions];
  const owner = labels ? labelsToWire(labels) : wireName(name);
  const header = uint16(id, flags | (opcode << 11), ...(options.counts ?? [1, 0, 0, opts.length]));
  return Buffer.concat([
    header,
    owner,
    uint16(type, options.class ?? 1),
    ...opts.map(optRecord),
    tail ?? new Uint8Array(0),
  ]);
}

export interface WireRecord {
  readonly owner: string;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly data: Buffer;
}

export interface Message {
  readonly id: number;
  readonly opcode: number;
  /** The names of those that are set, in order: `qr aa rd`. */
  readonly flags: string;
  /** With the OPT's upper bits. */
  readonly rcode: number;
  /** The question's octets, as they came. */
  readonly question: Buffer;
  readonly answers: readonly WireRecord[];
  readonly authorities: readonly WireRecord[];
  readonly additionals: readonly WireRecord[];
  readonly opt: Opt | null;
}

export interface Opt {
  readonly udpOctets: number;
  readonly version: number;
  readonly extendedFlags: number;
  readonly options: ReadonlyMap<number, Buffer>;
}

const FLAGS: readonly [number, string][] = [
  [0x8000, 'qr'],
  [0x0400, 'aa'],
  [0x0200, 'tc'],
  [0x0100, 'rd'],
  [0x0080, 'ra'],
  [0x0040, 'z'],
  [0x0020, 'ad'],
  [0x0010, 'cd'],
];

/** Reads a whole message. @throws when it is not one: a response has to be. */
export function readMessage(octets: Uint8Array): Message {
  const message = Buffer.from(octets);
  const cursor = { at: 12 };
  const bits = message.readUInt16BE(2);
  const [questions = 0, ...counts] = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
  for (let i = 0; i < questions; i++) {
    readName(message, cursor);
    cursor.at += 4;
  }
  const question = message.subarray(12, cursor.at);
  const [answers = [], authorities = [], all = []] = counts.map((count) =>
    Array.from({ length: count }, () => readRecord(message, cursor)),
  );
  if (cursor.at !== message.length) throw new Error(`${message.length - cursor.at} octets behind the message`);
  const opts = all.filter(({ type }) => type === 41);
  if (opts.length > 1) throw new Error('several OPT records');
  const opt = opts[0] ? readOpt(opts[0]) : null;
  return {
    id: message.readUInt16BE(0),
    opcode: (bits >> 11) & 15,
    flags: FLAGS.filter(([bit]) => bits & bit)
      .map(([, name]) => name)
      .join(' '),
    rcode: (bits & 15) | (((opts[0]?.ttl ?? 0) >>> 24) << 4),
    question,
    answers,
    authorities,
    additionals: all.filter(({ type }) => type !== 41),
    opt,
  };
}

function readOpt({ owner, class: udpOctets, ttl, data }: WireRecord): Opt {
  if (owner !== '.') throw new Error(`an OPT of ${owner}`);
  const options = new Map<number, Buffer>();
  for (let at = 0; at < data.length; ) {
    const length = data.readUInt16BE(at + 2);
    options.set(data.readUInt16BE(at), data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return { udpOctets, version: (ttl >>> 16) & 0xff, extendedFlags: ttl & 0xffff, options };
}

function readRecord(message: Buffer, cursor: { at: number }): WireRecord {
  const owner = readName(message, cursor);
  const { at } = cursor;
  const end = at + 10 + message.readUInt16BE(at + 8);
  if (end > message.length) throw new Error('a record beyond the message');
  cursor.at = end;
  return {
    owner,
    type: message.readUInt16BE(at),
    class: message.readUInt16BE(at + 2),
    ttl: message.readUInt32BE(at + 4),
    data: message.subarray(at + 10, end),
  };
}

/** Letter case as it stands; other than letters, digits, `-`, `_` and `*` as `\DDD`. */
export function readName(message: Buffer, cursor: { at: number }): string {
  let name = '';
  let { at } = cursor;
  let end = -1;
  for (let jumps = 0; ; ) {
    const length = message.readUInt8(at);
    if (length >= 0xc0) {
      if (++jumps > 16) throw new Error('too many pointers');
      if (end === -1) end = at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
      continue;
    }
    if (length > 63) throw new Error('a label of an unknown kind');
    at += 1 + length;
    if (length === 0) break;
    name += `${message.toString('latin1', at - length, at).replace(/[^\w*-]/g, (octet) => `\\${String(octet.charCodeAt(0)).padStart(3, '0')}`)}.`;
  }
  cursor.at = end === -1 ? at : end;
  return name || '.';
}
