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
/** A bucket's four words: its key, its tokens, when they were counted; the fourth keeps a pair within one cache line. */
const BUCKET_WORDS = 4;
const TOKENS = 1;
const TIME = 2;

/** What all responders of a process share. @param randomBytes a cryptographic source of so many octets. */
export function createResponderShared(randomBytes: (octets: number) => Uint8Array): ResponderShared {
  return { seed: randomBytes(32), rateTable: new SharedArrayBuffer(BUCKETS * BUCKET_WORDS * 4) };
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
  const words = new Int32Array(shared.rateTable);
  const floats = new Float32Array(shared.rateTable);
  const hasher = createHasher(options, shared.seed);
  let limited = 0;

  /** Milliseconds since the bucket was counted; 0 when another worker has just counted it. */
  const idle = (bucket: number, now: number): number => Math.max((now - (words[bucket + TIME] ?? 0)) | 0, 0);
  /** The client's bucket, of the two that it may have; the one that was idle for longer when it has none. */
  const bucketOf = (now: number): number => {
    const first = (hasher.index & (BUCKETS - 1)) * BUCKET_WORDS;
    const second = first ^ BUCKET_WORDS;
    if (words[first] === hasher.key) return first;
    if (words[second] === hasher.key) return second;
    const bucket = idle(first, now) >= idle(second, now) ? first : second;
    words[bucket] = hasher.key;
    floats[bucket + TOKENS] = rate;
    words[bucket + TIME] = now;
    return bucket;
  };

  return {
    admit(peers, peerAt, rateKey, nowMs) {
      const now = Math.floor(nowMs) | 0; // it goes round
      hasher.hash(peers, peerAt, rateKey);
      const bucket = bucketOf(now);
      const filled = Math.min(rate, (floats[bucket + TOKENS] ?? 0) + (idle(bucket, now) * rate) / 1000);
      words[bucket + TIME] = now;
      floats[bucket + TOKENS] = filled >= 1 ? filled - 1 : filled;
      if (filled >= 1) return 'pass';
      limited = (limited + 1) % Math.max(slip, 1);
      return slip > 0 && limited === 0 ? 'slip' : 'drop';
    },
  };
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
