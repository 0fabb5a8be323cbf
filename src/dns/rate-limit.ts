/**
 * Response rate limiting: a client network gets only so many equal responses a second, so that forged queries do not make
 * this server shout at whom they name. Token buckets as in BIND and Knot, by network and kind of response, in a table of a
 * fixed size: a flood of forged sources costs no memory, it only evicts.
 */
import type { DnsOptions } from '../runtime/ports.ts';
import { ADDRESS_OCTETS, isIPv4Mapped } from './peer-address.ts';
import type { ResponderShared } from './responder.ts';
import { createViewer } from './wire.ts';

/** A power of two. */
const BUCKETS = 1 << 17;
/** Of a bucket: its key, its tokens, and when they were counted. */
const BUCKET_OCTETS = 12;

/** What all responders of a process share. @param randomBytes a cryptographic source of so many octets. */
export function createResponderShared(randomBytes: (octets: number) => Uint8Array): ResponderShared {
  return { seed: randomBytes(32), rateTable: new SharedArrayBuffer(BUCKETS * BUCKET_OCTETS) };
}

/** `slip`: answer truncated, so that a real client comes by TCP or with a cookie. */
export type Admission = 'pass' | 'slip' | 'drop';

export interface RateLimiter {
  /**
   * Counts one response.
   * @param rateKey equal for responses that are counted together.
   * @param nowMs monotonic, with one origin in all workers.
   */
  admit(peers: Uint8Array, peerAt: number, rateKey: number, nowMs: number): Admission;
}

/** Null when rate limiting is off. */
export function createRateLimiter(options: DnsOptions['rateLimit'], shared: ResponderShared): RateLimiter | null {
  const { responsesPerSecond: rate, slip } = options;
  if (rate === 0) return null;
  const keys = new Int32Array(shared.rateTable, 0, BUCKETS);
  const tokens = new Float32Array(shared.rateTable, 4 * BUCKETS, BUCKETS);
  const times = new Uint32Array(shared.rateTable, 8 * BUCKETS, BUCKETS);
  const hasher = createHasher(options, shared.seed);
  let limited = 0;

  /** The client's bucket, of the two that it may have; the one that was idle for longer when it has none. */
  const bucketOf = (now: number): number => {
    const first = hasher.index & (BUCKETS - 1);
    const second = first ^ 1;
    if (keys[first] === hasher.key) return first;
    if (keys[second] === hasher.key) return second;
    const bucket = idle(times, first, now) >= idle(times, second, now) ? first : second;
    keys[bucket] = hasher.key;
    tokens[bucket] = rate;
    times[bucket] = now;
    return bucket;
  };

  return {
    admit(peers, peerAt, rateKey, nowMs) {
      const now = Math.floor(nowMs) % 2 ** 32;
      hasher.hash(peers, peerAt, rateKey);
      const bucket = bucketOf(now);
      const filled = Math.min(rate, (tokens[bucket] ?? 0) + (idle(times, bucket, now) * rate) / 1000);
      times[bucket] = now;
      tokens[bucket] = filled >= 1 ? filled - 1 : filled;
      if (filled >= 1) return 'pass';
      limited = (limited + 1) % Math.max(slip, 1);
      return slip > 0 && limited === 0 ? 'slip' : 'drop';
    },
  };
}

/** Milliseconds since the bucket was counted; 0 when another worker has just counted it. */
function idle(times: Uint32Array, bucket: number, now: number): number {
  return Math.max((now - (times[bucket] ?? 0)) | 0, 0);
}

interface Hasher {
  /** Two hashes of the last network and key, each of 32 bits. */
  index: number;
  key: number;
  hash(peers: Uint8Array, peerAt: number, rateKey: number): void;
}

/** Keyed, so that nobody can choose whose bucket he empties. */
function createHasher({ ipv4PrefixBits, ipv6PrefixBits }: DnsOptions['rateLimit'], seed: Uint8Array): Hasher {
  const ipv4Mask = prefixMask(96 + ipv4PrefixBits);
  const ipv6Mask = prefixMask(ipv6PrefixBits);
  const viewOf = createViewer();
  const seedView = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
  const [indexSeed, keySeed] = [seedView.getInt32(16), seedView.getInt32(20)];
  const hasher: Hasher = {
    index: 0,
    key: 0,
    hash(peers, peerAt, rateKey) {
      const view = viewOf(peers);
      const mask = isIPv4Mapped(view, peerAt) ? ipv4Mask : ipv6Mask;
      let index = mix(indexSeed ^ rateKey, 0x9e3779b1);
      let key = mix(keySeed ^ rateKey, 0x85ebca6b);
      for (let i = 0; i < ADDRESS_OCTETS / 4; i++) {
        const word = view.getInt32(peerAt + 4 * i) & (mask[i] ?? 0);
        index = mix(index ^ word, 0x9e3779b1);
        key = mix(key ^ word, 0x85ebca6b);
      }
      hasher.index = index;
      hasher.key = key;
    },
  };
  return hasher;
}

/** Lets each bit have its say in all others, the lower by the product and the higher by the shifts. */
function mix(bits: number, odd: number): number {
  const product = Math.imul(bits ^ (bits >>> 16), odd);
  return product ^ (product >>> 15);
}

/** The network's bits of an address, as four words. */
function prefixMask(bits: number): Int32Array {
  return Int32Array.from([0, 32, 64, 96], (start) => {
    const width = Math.min(Math.max(bits - start, 0), 32);
    return width === 0 ? 0 : -1 << (32 - width);
  });
}
