/** TSIG (RFC 8945): messages signed with a shared secret. Works on the octets of the message, as they came. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { nameFromWire, nameToWire, type OwnerName } from '../core/name.ts';
import { endOfPlainName } from './question.ts';
import { CLASS_ANY, readUint16, TYPE_TSIG, writeUint16 } from './wire.ts';

export interface TsigKey {
  readonly name: OwnerName;
  readonly algorithm: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';
  /** In base64. */
  readonly secret: string;
}

/** TSIG error codes (RFC 8945 §3). */
const TSIG_ERROR = { BADSIG: 16, BADKEY: 17, BADTIME: 18, BADTRUNC: 22 } as const;

/** How far two clocks may be apart (RFC 8945 §10). */
const FUDGE_SECONDS = 300;

const HASHES = { 'hmac-sha256': 'sha256', 'hmac-sha384': 'sha384', 'hmac-sha512': 'sha512' } as const;
const MAC_OCTETS = { 'hmac-sha256': 32, 'hmac-sha384': 48, 'hmac-sha512': 64 } as const;
const NOTHING = new Uint8Array(0);

/** The TSIG record of a message. */
export interface Tsig {
  /** Where the record begins in the message. */
  readonly start: number;
  /** The key's name and the algorithm's, as they stand in the record. */
  readonly name: Uint8Array;
  readonly algorithm: Uint8Array;
  readonly timeSeconds: number;
  readonly fudgeSeconds: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
}

/** Reads the record that begins at `start` and ends with the message; null when it is damaged. */
export function readTsig(message: Uint8Array, start: number): Tsig | null {
  const nameEnd = endOfPlainName(message, start);
  const algorithmAt = nameEnd + 10;
  const algorithmEnd = nameEnd === -1 ? -1 : endOfPlainName(message, algorithmAt);
  if (algorithmEnd === -1 || algorithmEnd + 10 > message.length) return null;
  const macAt = algorithmEnd + 10;
  const tail = macAt + readUint16(message, algorithmEnd + 8);
  if (tail + 6 > message.length || tail + 6 + readUint16(message, tail + 4) !== message.length) return null;
  return {
    start,
    name: copyOf(message, start, nameEnd),
    algorithm: copyOf(message, algorithmAt, algorithmEnd),
    timeSeconds: readUint16(message, algorithmEnd) * 2 ** 32 + readUint32(message, algorithmEnd + 2),
    fudgeSeconds: readUint16(message, algorithmEnd + 6),
    mac: copyOf(message, macAt, tail),
    originalId: readUint16(message, tail),
    error: readUint16(message, tail + 2),
  };
}

/** Signs the messages of one response, in their order. */
export interface Signature {
  /** The key that the request was signed with; null where it did not verify. */
  readonly key: OwnerName | null;
  /** How much longer a message becomes. */
  readonly octets: number;
  /** Puts a TSIG behind the message at `at`. @returns the new length. */
  sign(memory: Uint8Array, at: number, length: number): number;
}

export type Verdict =
  | { readonly kind: 'verified' | 'refused'; readonly signature: Signature }
  /** To be answered with FORMERR. */
  | { readonly kind: 'damaged' };

/** Checks a request: the key, the MAC, the time, then the length of the MAC (RFC 8945 §5.2). */
export function verifyRequest(
  message: Uint8Array,
  tsig: Tsig,
  keys: ReadonlyMap<OwnerName, TsigKey>,
  nowSeconds: number,
): Verdict {
  const key = keys.get(nameFromWire(tsig.name));
  const refuse = (error: number, signer: TsigKey | null): Verdict => {
    return { kind: 'refused', signature: createSignature({ request: tsig, key: signer, error, nowSeconds }) };
  };
  if (!key || !isSameName(algorithmName(key), tsig.algorithm)) return refuse(TSIG_ERROR.BADKEY, null);
  const full = MAC_OCTETS[key.algorithm];
  if (tsig.mac.length > full || tsig.mac.length < Math.max(10, full / 2)) return { kind: 'damaged' };
  const mac = computeMac(key, [unsigned(message, tsig), variables(tsig, NOTHING)]);
  if (!timingSafeEqual(mac.subarray(0, tsig.mac.length), tsig.mac)) return refuse(TSIG_ERROR.BADSIG, null);
  if (Math.abs(nowSeconds - tsig.timeSeconds) > tsig.fudgeSeconds) return refuse(TSIG_ERROR.BADTIME, key);
  if (tsig.mac.length < full) return refuse(TSIG_ERROR.BADTRUNC, key);
  return { kind: 'verified', signature: createSignature({ request: tsig, key, error: 0, nowSeconds }) };
}

/** A request of ours with its TSIG, and the MAC that the response's depends on. */
export function signRequest(
  message: Uint8Array,
  key: TsigKey,
  nowSeconds: number,
): { readonly message: Uint8Array; readonly mac: Uint8Array } {
  const record = ownRecord(key, message, nowSeconds);
  const mac = computeMac(key, [message, variables(record, NOTHING)]);
  const signed = new Uint8Array(message.length + recordOctets(record, mac.length, 0));
  signed.set(message);
  return { message: signed.subarray(0, append(signed, 0, message.length, { ...record, mac }, NOTHING)), mac };
}

/** Whether a response to {@link signRequest} is the other side's. */
export function verifyResponse(
  message: Uint8Array,
  tsig: Tsig,
  key: TsigKey,
  requestMac: Uint8Array,
  nowSeconds: number,
): boolean {
  const isOurs = isSameName(nameToWire(key.name), tsig.name) && isSameName(algorithmName(key), tsig.algorithm);
  if (!isOurs || tsig.error !== 0 || tsig.mac.length !== MAC_OCTETS[key.algorithm]) return false;
  const mac = computeMac(key, [prefixed(requestMac), unsigned(message, tsig), variables(tsig, NOTHING)]);
  return timingSafeEqual(mac, tsig.mac) && Math.abs(nowSeconds - tsig.timeSeconds) <= tsig.fudgeSeconds;
}

interface ResponseParts {
  readonly request: Tsig;
  /** Null: the response is not signed, its TSIG only says why. */
  readonly key: TsigKey | null;
  readonly error: number;
  readonly nowSeconds: number;
}

function createSignature({ request, key, error, nowSeconds }: ResponseParts): Signature {
  // Of a request that is out of time, the client's own time comes back, and ours beside it (RFC 8945 §5.2.3).
  const isBadTime = error === TSIG_ERROR.BADTIME;
  const other = isBadTime ? uint48(nowSeconds) : NOTHING;
  const timeSeconds = isBadTime ? request.timeSeconds : nowSeconds;
  const record = { ...request, timeSeconds, error };
  const macOctets = key ? MAC_OCTETS[key.algorithm] : 0;
  let previous: Uint8Array = request.mac;
  let isFirst = true;
  return {
    key: error === 0 && key ? key.name : null,
    octets: recordOctets(record, macOctets, other.length),
    sign(memory, at, length) {
      const message = memory.subarray(at, at + length);
      const originalId = readUint16(message, 0);
      // After the first message only the time is added to what is signed (RFC 8945 §5.3.1).
      const rest = isFirst ? variables(record, other) : timers(record);
      const mac = key ? computeMac(key, [prefixed(previous), message, rest]) : NOTHING;
      [previous, isFirst] = [mac, false];
      return append(memory, at, length, { ...record, mac, originalId }, other);
    },
  };
}

function ownRecord(key: TsigKey, message: Uint8Array, nowSeconds: number): Tsig {
  return {
    start: message.length,
    name: nameToWire(key.name),
    algorithm: algorithmName(key),
    timeSeconds: nowSeconds,
    fudgeSeconds: FUDGE_SECONDS,
    mac: NOTHING,
    originalId: readUint16(message, 0),
    error: 0,
  };
}

function algorithmName({ algorithm }: TsigKey): Uint8Array {
  return nameToWire(`${algorithm}.` as OwnerName);
}

function isSameName(a: Uint8Array, b: Uint8Array): boolean {
  return nameFromWire(a) === nameFromWire(b);
}

function computeMac(key: TsigKey, parts: readonly Uint8Array[]): Buffer {
  const hmac = createHmac(HASHES[key.algorithm], Buffer.from(key.secret, 'base64'));
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** The message as it was before it was signed (RFC 8945 §4.3.2). */
function unsigned(message: Uint8Array, { start, originalId }: Tsig): Uint8Array {
  const copy = copyOf(message, 0, start);
  writeUint16(copy, 0, originalId);
  writeUint16(copy, 10, readUint16(copy, 10) - 1);
  return copy;
}

/** Not `slice`: that of a Buffer does not copy. */
function copyOf(octets: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(octets.subarray(start, end));
}

function prefixed(mac: Uint8Array): Uint8Array {
  return Buffer.concat([uint16(mac.length), mac]);
}

/** RFC 8945 §4.3.3: names are lower case there. */
function variables({ name, algorithm, timeSeconds, fudgeSeconds, error }: Tsig, other: Uint8Array): Uint8Array {
  return Buffer.concat([
    nameToWire(nameFromWire(name)),
    uint16(CLASS_ANY),
    uint32(0),
    nameToWire(nameFromWire(algorithm)),
    timers({ timeSeconds, fudgeSeconds }),
    uint16(error),
    uint16(other.length),
    other,
  ]);
}

function timers({ timeSeconds, fudgeSeconds }: Pick<Tsig, 'timeSeconds' | 'fudgeSeconds'>): Uint8Array {
  return Buffer.concat([uint48(timeSeconds), uint16(fudgeSeconds)]);
}

function recordOctets({ name, algorithm }: Tsig, macOctets: number, otherOctets: number): number {
  return name.length + 10 + algorithm.length + 16 + macOctets + otherOctets;
}

/** Writes the record behind the message, and counts it. @returns the new length. */
function append(memory: Uint8Array, at: number, length: number, tsig: Tsig, other: Uint8Array): number {
  const { name, algorithm, mac, originalId, error } = tsig;
  const octets = Buffer.concat([
    name,
    uint16(TYPE_TSIG),
    uint16(CLASS_ANY),
    uint32(0),
    uint16(algorithm.length + 16 + mac.length + other.length),
    algorithm,
    timers(tsig),
    prefixed(mac),
    uint16(originalId),
    uint16(error),
    uint16(other.length),
    other,
  ]);
  memory.set(octets, at + length);
  writeUint16(memory, at + 10, readUint16(memory, at + 10) + 1);
  return length + octets.length;
}

function readUint32(octets: Uint8Array, at: number): number {
  return readUint16(octets, at) * 65_536 + readUint16(octets, at + 2);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function uint48(value: number): Uint8Array {
  return Buffer.concat([uint16(Math.floor(value / 2 ** 32)), uint32(value % 2 ** 32)]);
}
