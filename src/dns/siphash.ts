/** SipHash-2-4 with 64 bits of output (Aumasson, Bernstein 2012), in 32-bit halves: BigInt would be forty times slower. */

/** A key of 16 octets as four little-endian words. */
export type SipKey = Uint32Array;

/** @throws RangeError when there are not 16 octets. */
export function sipKey(octets: Uint8Array): SipKey {
  if (octets.length !== 16) throw new RangeError(`a SipHash key has 16 octets, not ${octets.length}`);
  return Uint32Array.from([0, 4, 8, 12], (at) => littleEndian(octets, at));
}

function littleEndian(octets: Uint8Array, at: number): number {
  const low = (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8);
  return low | ((octets[at + 2] ?? 0) << 16) | ((octets[at + 3] ?? 0) << 24);
}

/** Four 64-bit words, low half first: the state between blocks, never between calls. */
const state = new Int32Array(8);

/** Writes the hash of the first `length` octets of `input`, 8 octets in little-endian order, to `output` at `at`. */
export function sipHash24(key: SipKey, input: Uint8Array, length: number, output: Uint8Array, at: number): void {
  initialize(key);
  const whole = length & ~7;
  for (let i = 0; i < whole; i += 8) absorb(littleEndian(input, i), littleEndian(input, i + 4));
  let low = 0;
  let high = length << 24;
  for (let i = whole; i < length; i++) {
    const shift = (i - whole) * 8;
    if (shift < 32) low |= (input[i] ?? 0) << shift;
    else high |= (input[i] ?? 0) << (shift - 32);
  }
  absorb(low, high);
  state[4] = (state[4] ?? 0) ^ 0xff;
  rounds(4);
  writeHalf((state[0] ?? 0) ^ (state[2] ?? 0) ^ (state[4] ?? 0) ^ (state[6] ?? 0), output, at);
  writeHalf((state[1] ?? 0) ^ (state[3] ?? 0) ^ (state[5] ?? 0) ^ (state[7] ?? 0), output, at + 4);
}

/** "somepseudorandomlygeneratedbytes", with the key over it. */
function initialize(key: SipKey): void {
  const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = [key[0], key[1], key[2], key[3]];
  state[0] = 0x70736575 ^ k0;
  state[1] = 0x736f6d65 ^ k1;
  state[2] = 0x6e646f6d ^ k2;
  state[3] = 0x646f7261 ^ k3;
  state[4] = 0x6e657261 ^ k0;
  state[5] = 0x6c796765 ^ k1;
  state[6] = 0x79746573 ^ k2;
  state[7] = 0x74656462 ^ k3;
}

function absorb(low: number, high: number): void {
  state[6] = (state[6] ?? 0) ^ low;
  state[7] = (state[7] ?? 0) ^ high;
  rounds(2);
  state[0] = (state[0] ?? 0) ^ low;
  state[1] = (state[1] ?? 0) ^ high;
}

function writeHalf(half: number, output: Uint8Array, at: number): void {
  output[at] = half;
  output[at + 1] = half >>> 8;
  output[at + 2] = half >>> 16;
  output[at + 3] = half >>> 24;
}

/** SipRounds on local variables, which the engine keeps in registers. */
function rounds(count: number): void {
  let [l0, h0, l1, h1] = [state[0] ?? 0, state[1] ?? 0, state[2] ?? 0, state[3] ?? 0];
  let [l2, h2, l3, h3] = [state[4] ?? 0, state[5] ?? 0, state[6] ?? 0, state[7] ?? 0];
  let turned = 0;
  for (let i = 0; i < count; i++) {
    l0 = (l0 + l1) | 0;
    h0 = (h0 + h1 + carry(l0, l1)) | 0;
    turned = (l1 << 13) | (h1 >>> 19);
    h1 = ((h1 << 13) | (l1 >>> 19)) ^ h0;
    l1 = turned ^ l0;
    turned = l0;
    l0 = h0;
    h0 = turned;
    l2 = (l2 + l3) | 0;
    h2 = (h2 + h3 + carry(l2, l3)) | 0;
    turned = (l3 << 16) | (h3 >>> 16);
    h3 = ((h3 << 16) | (l3 >>> 16)) ^ h2;
    l3 = turned ^ l2;
    l0 = (l0 + l3) | 0;
    h0 = (h0 + h3 + carry(l0, l3)) | 0;
    turned = (l3 << 21) | (h3 >>> 11);
    h3 = ((h3 << 21) | (l3 >>> 11)) ^ h0;
    l3 = turned ^ l0;
    l2 = (l2 + l1) | 0;
    h2 = (h2 + h1 + carry(l2, l1)) | 0;
    turned = (l1 << 17) | (h1 >>> 15);
    h1 = ((h1 << 17) | (l1 >>> 15)) ^ h2;
    l1 = turned ^ l2;
    turned = l2;
    l2 = h2;
    h2 = turned;
  }
  state[0] = l0;
  state[1] = h0;
  state[2] = l1;
  state[3] = h1;
  state[4] = l2;
  state[5] = h2;
  state[6] = l3;
  state[7] = h3;
}

/** Whether the sum of two low halves, one of which is `addend`, has overflowed. */
function carry(sum: number, addend: number): number {
  return sum >>> 0 < addend >>> 0 ? 1 : 0;
}
