/**
 * What the most expensive messages of at most 4,096 octets cost the responder: `node bench/worst-case.ts`. Fails when one
 * takes 1 ms or more.
 */
import { query, uint16 } from '../test/helpers/message.ts';
import { createBatch, setQuery, testResponder } from '../test/helpers/responder.ts';
import { content } from '../test/helpers/zones.ts';

const LIMIT_US = 1000;
const ROUNDS = 50;
const CALLS = 100;

const chain = Array.from({ length: 8 }, (_, i) => `l${i} 5 CNAME l${i + 1}`).join('\n');
const zone = content('example.com', `@ 60 NS ns1\n@ 5 A 192.0.2.1\n*.w 5 CNAME x.w\n${chain}`);

/** So many labels of one octet each, below a name of the zone. */
function deep(count: number, octet: number, parent: readonly string[]): readonly Uint8Array[] {
  const suffix = [...parent, 'example', 'com'].map((label) => Buffer.from(label));
  return [...Array.from({ length: count }, () => Uint8Array.of(octet)), ...suffix];
}

/** An OPT that is full of so small options. */
function optOf(code: number): Uint8Array {
  return Buffer.concat([Uint8Array.of(0), uint16(41, 1232, 0, 0, 4056), Buffer.alloc(4056, uint16(code, 0))]);
}

const DS = 43;
const pointers = Buffer.from(Uint16Array.from({ length: 2000 }, (_, i) => 0xc000 | (31 + 2 * i)).buffer).swap16();
const MESSAGES: readonly [string, Buffer][] = [
  ['a plain query', query()],
  ['121 labels, no such name', query({ labels: deep(121, 97, []) })],
  ['121 labels, on the slow path', query({ labels: deep(121, 97, []), type: DS })],
  ['121 labels to be escaped, on the slow path', query({ labels: deep(121, 255, []), type: DS })],
  ['120 labels to be escaped, a wildcard and a loop', query({ labels: deep(119, 255, ['w']) })],
  ['a chain of 8 CNAMEs', query({ name: 'l0.example.com' })],
  ['1,014 unknown options', query({ counts: [1, 0, 0, 1], tail: optOf(65_001) })],
  ['1,014 NSID options', query({ counts: [1, 0, 0, 1], tail: optOf(3) })],
  ['2,000 pointers, each to the next', query({ counts: [1, 0, 0, 1], tail: pointers })],
  ['a name of 1,900 labels', query({ counts: [1, 0, 0, 2], tail: Buffer.alloc(3800, Buffer.from([1, 98])) })],
  ['garbage', Buffer.alloc(4096, 'garbage!')],
];

/** Microseconds of one call: the best of the rounds, which others on this machine have disturbed least. */
function cost(message: Buffer): number {
  const { responder } = testResponder([zone]);
  const batch = createBatch(1);
  setQuery(batch, 0, message.subarray(0, 4096), '192.0.2.1');
  const rounds = Array.from({ length: ROUNDS }, () => {
    const startedAt = process.hrtime.bigint();
    for (let i = 0; i < CALLS; i++) responder.handleUdp(batch, 1);
    return Number(process.hrtime.bigint() - startedAt) / 1000 / CALLS;
  });
  return Math.min(...rounds);
}

for (const [title, message] of MESSAGES) {
  const us = cost(message);
  console.log(`${us.toFixed(2).padStart(8)} µs  ${title}`);
  if (us >= LIMIT_US) process.exitCode = 1;
}
