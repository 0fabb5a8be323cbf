/** 10^5 messages through the responder itself: it never throws, and whatever it says is a whole message within its limits. */
import t from 'tap';
import { SLOT_STRIDE } from '../../src/dns/udp-socket.ts';
import { createRandom, fuzzMessage } from '../helpers/fuzz.ts';
import { readMessage } from '../helpers/message.ts';
import { createBatch, setQuery, testResponder } from '../helpers/responder.ts';
import { content } from '../helpers/zones.ts';

const MESSAGES = 100_000;
const BATCH = 64;

const zone = content(
  'example.com',
  `@ 60 NS ns1
   @ 5 A 192.0.2.1
   www 5 CNAME @
   *.wild 5 TXT x
   sub 60 NS ns.sub
   ns.sub 60 A 192.0.2.2
   @ 60 TXT ${'x'.repeat(255)}
   @ 60 TXT ${'y'.repeat(255)}`,
);

/** What is wrong with a response; null when nothing is. */
function faultOf(message: Buffer, response: Buffer, limit: number): string | null {
  if (response.length > limit) return `${response.length} octets are over ${limit}`;
  const { id, flags, opcode, question } = readMessage(response);
  if (id !== message.readUInt16BE(0)) return 'another id';
  if (opcode !== ((message.readUInt16BE(2) >> 11) & 15)) return 'another opcode';
  if (!/^qr( aa)?( tc)?( rd)?$/.test(flags)) return `flags ${flags}`;
  return message.subarray(12, 12 + question.length).equals(question) ? null : 'another question';
}

t.test('handleUdp() answers 10^5 damaged messages with whole ones of 1232 octets at most, or not at all', async (t) => {
  const random = createRandom(20_260_801);
  const { responder } = testResponder([zone]);
  const batch = createBatch(BATCH);
  let answered = 0;
  for (let done = 0; done < MESSAGES; done += BATCH) {
    const messages = Array.from({ length: BATCH }, () => fuzzMessage(random));
    for (const [i, message] of messages.entries()) setQuery(batch, i, message, `192.0.2.${i}`);
    responder.handleUdp(batch, BATCH);
    for (const [i, message] of messages.entries()) {
      const length = batch.txLengths[i] ?? 0;
      if (length === 0) continue;
      answered++;
      const fault = faultOf(message, batch.tx.subarray(i * SLOT_STRIDE, i * SLOT_STRIDE + length), 1232);
      if (fault) t.fail(`${fault}: ${message.toString('hex')}`);
    }
  }
  const { queries, responses, drops } = responder.stats();
  t.equal(queries.udp, Math.ceil(MESSAGES / BATCH) * BATCH);
  t.equal(
    Object.values(responses).reduce((sum, count) => sum + count),
    answered,
  );
  t.equal(
    answered + Object.values(drops).reduce((sum, count) => sum + count),
    queries.udp,
    'what is not answered is counted',
  );
  for (const rcode of ['NOERROR', 'FORMERR', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'BADVERS'])
    t.ok((responses[rcode] ?? 0) > 100, rcode);
});

t.test('handleTcp() answers damaged messages with whole ones, or not at all', async (t) => {
  const random = createRandom(42);
  const { tcp } = testResponder([zone]);
  let answered = 0;
  for (let done = 0; done < MESSAGES / 5; done++) {
    const message = fuzzMessage(random);
    const response = tcp(message);
    if (response === null) continue;
    answered++;
    const fault = faultOf(message, response, 65_535);
    if (fault) t.fail(`${fault}: ${message.toString('hex')}`);
  }
  t.ok(answered > MESSAGES / 10);
});
