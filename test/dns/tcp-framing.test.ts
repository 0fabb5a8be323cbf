import fc from 'fast-check';
import t from 'tap';
import { createFramer, type Framer, MAX_QUERY } from '../../src/dns/tcp-framing.ts';
import { framed } from '../helpers/dns-client.ts';

/** Everything that can be taken now. */
function drain(framer: Framer): { messages: Buffer[]; end: 'incomplete' | 'too_long' } {
  const messages: Buffer[] = [];
  for (;;) {
    const next = framer.next();
    if (next === 'incomplete' || next === 'too_long') return { messages, end: next };
    messages.push(next);
  }
}

const message = fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets));

t.test('next() gives the messages that were sent, however the stream is chopped (RFC 7766 §8)', async (t) => {
  const stream = fc.record({ messages: fc.array(message, { maxLength: 8 }), cuts: fc.array(fc.nat(2500)) });
  fc.assert(
    fc.property(stream, ({ messages, cuts }) => {
      const octets = Buffer.concat(messages.map(framed));
      const bounds = [0, ...cuts.map((cut) => Math.min(cut, octets.length)), octets.length].sort((a, b) => a - b);
      const framer = createFramer();
      const got: Buffer[] = [];
      for (const [i, end] of bounds.entries()) {
        framer.push(octets.subarray(bounds[i - 1] ?? 0, end));
        got.push(...drain(framer).messages.map((octets) => Buffer.from(octets)));
      }
      return (
        got.length === messages.length && got.every((octets, i) => messages[i]?.equals(octets)) && framer.buffered === 0
      );
    }),
  );
  t.pass();
});

t.test('next() gives messages octet by octet, the longest that is taken among them', async (t) => {
  const sent = [Buffer.alloc(0), Buffer.from('one'), Buffer.alloc(MAX_QUERY, 'x'), Buffer.from('two')];
  const framer = createFramer();
  const got: string[] = [];
  for (const octet of Buffer.concat(sent.map(framed))) {
    framer.push(Buffer.from([octet]));
    got.push(...drain(framer).messages.map(String));
  }
  t.same(got, sent.map(String));
});

t.test('next() refuses a length above 4,096 as soon as it is announced, and what comes after it', async (t) => {
  const framer = createFramer();
  framer.push(Buffer.concat([framed(Buffer.from('fine')), Buffer.from([0x10, 0x01])]));
  t.match(drain(framer), { messages: [Buffer.from('fine')], end: 'too_long' });
  framer.push(framed(Buffer.from('later')));
  t.equal(framer.next(), 'too_long');
});

t.test('a part of a message does not keep the chunk that it came in', async (t) => {
  const framer = createFramer();
  framer.push(
    Buffer.concat([...Array.from({ length: 6000 }, () => framed(Buffer.from('12345678'))), Buffer.from([0])]),
  );
  t.equal(drain(framer).messages.length, 6000);
  t.equal(framer.buffered, 1);
  framer.push(Buffer.from([2, 65, 66]));
  const last = framer.next();
  t.equal(String(last), 'AB');
  t.ok(last instanceof Buffer && last.buffer.byteLength <= Buffer.poolSize, 'it stands in other memory');
});
