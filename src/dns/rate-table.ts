import type { ResponderShared } from './responder.ts';

/** Buckets of rate limiting; a power of two. */
export const RATE_BUCKETS = 1 << 17;
/** Octets of a bucket: its key, its tokens, and when they were counted. */
export const RATE_BUCKET_OCTETS = 12;

/** @param randomBytes a cryptographic source of so many octets. */
export function createResponderShared(randomBytes: (octets: number) => Uint8Array): ResponderShared {
  return { seed: randomBytes(32), rateTable: new SharedArrayBuffer(RATE_BUCKETS * RATE_BUCKET_OCTETS) };
}
