/** Messages that no good client sends, the same ones for the same seed. */
import { seededRandom } from '../../bench/queries.ts';
import { query, uint16 } from './message.ts';

/** A number from 0 to `below` - 1. */
export type Random = (below: number) => number;

export function createRandom(seed: number): Random {
  const random = seededRandom(seed);
  return (below) => Math.floor(random() * below);
}

const NAMES = [
  'example.com',
  'www.example.com',
  'nowhere.example.com',
  'x.wild.example.com',
  'a.sub.example.com',
  'example.org',
  '',
];
const TYPES = [1, 2, 5, 6, 15, 16, 28, 33, 41, 43, 250, 251, 252, 255, 257, 666];

function pick<T>(random: Random, items: readonly [T, ...T[]] | readonly T[]): T {
  return items[random(items.length)] as T;
}

function octets(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

function validQuery(random: Random): Buffer {
  const options = Array.from({ length: random(3) }, () => {
    const code = pick(random, [3, 8, 10, 12, 15, 65_001]);
    return { code, data: octets(random, pick(random, [0, 4, 8, 16, 24, 40])) };
  });
  const opt =
    random(2) === 0
      ? null
      : { udpOctets: pick(random, [0, 512, 1232, 4096, 65_535]), extendedFlags: random(2) * 0x8000, options };
  return query({ id: random(65_000), name: pick(random, NAMES), type: pick(random, TYPES), opt });
}

type Mutation = (message: Buffer, random: Random) => Buffer;

/** Counts that lie, lengths that lie, octets that are others, pieces that are missing, doubled or too many. */
const MUTATIONS: readonly Mutation[] = [
  (message) => message,
  (message, random) => {
    if (message.length > 0) message[random(message.length)] = random(256);
    return message;
  },
  (message, random) => {
    for (let i = random(8); i > 0 && message.length > 0; i--) {
      const at = random(message.length);
      message[at] = (message[at] ?? 0) ^ (1 << random(8));
    }
    return message;
  },
  (message, random) => message.subarray(0, random(message.length + 1)),
  (message, random) => Buffer.concat([message, octets(random, random(40))]),
  (message, random) => {
    if (message.length >= 12) message.writeUInt16BE(pick(random, [0, 1, 2, 3, 255, 65_535]), 4 + 2 * random(4));
    return message;
  },
  (message, random) => {
    if (message.length >= 12) message.writeUInt16BE(random(65_536), 2);
    return message;
  },
  // A pointer anywhere: to the header, to itself, forward, beyond the end.
  (message, random) => {
    if (message.length >= 14)
      message.writeUInt16BE(
        0xc000 | pick(random, [0, 12, random(message.length), random(0x4000)]),
        12 + random(message.length - 13),
      );
    return message;
  },
  (message, random) => {
    const at = random(message.length + 1);
    return Buffer.concat([message.subarray(0, at), message.subarray(random(at + 1))]);
  },
];

const LARGE = 4096;

/** Whole messages that are made to cost: as long as one may be, full of what has to be walked through. */
const COSTLY: readonly ((random: Random) => Buffer)[] = [
  (random) => octets(random, random(LARGE + 1)),
  // An OPT full of empty options.
  () =>
    query({
      counts: [1, 0, 0, 1],
      tail: Buffer.concat([
        Uint8Array.of(0),
        uint16(41, 1232, 0, 0, 4056),
        Buffer.alloc(4056, Buffer.from([0xfd, 0xe9, 0, 0])),
      ]),
    }),
  // A name of pointers, each to the next.
  () =>
    query({
      counts: [1, 0, 0, 1],
      tail: Buffer.from(Uint16Array.from({ length: 2000 }, (_, i) => 0xc000 | (31 + 2 * i)).buffer).swap16(),
    }),
  // Names of 127 labels in the question and behind it.
  () =>
    query({
      labels: Array.from({ length: 127 }, () => Uint8Array.of(97)),
      counts: [1, 0, 0, 2],
      tail: Buffer.alloc(3800, Buffer.from([1, 98])),
    }),
  () => query({ counts: [65_535, 65_535, 65_535, 65_535], tail: Buffer.alloc(4000, 0) }),
  () => query({ counts: [1, 0, 0, 2], tail: Buffer.alloc(4000, 0xc0) }),
];

/** One message of the fuzz: never longer than 4,096 octets. */
export function fuzzMessage(random: Random): Buffer {
  if (random(50) === 0) return pick(random, COSTLY)(random).subarray(0, LARGE);
  let message = validQuery(random);
  for (let i = 1 + random(3); i > 0; i--) message = pick(random, MUTATIONS)(message, random);
  return message.subarray(0, LARGE);
}
