import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { TYPE_CODES } from '../../src/core/rr.ts';
import { createDnsClient } from '../../src/dns/client.ts';
import { readResponse } from '../../src/dns/response.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { name } from '../helpers/names.ts';

/** One of its own: a port that UDP has got there is free for TCP too, whatever connections the rest of the machine has open. */
const HOST = '127.0.71.1';

const client = createDnsClient(systemClock);
const QUESTION = { qname: name('example.com'), qtype: TYPE_CODES.A };
/** Of the question `example.com A`. */
const QUESTION_END = 12 + 13 + 4;

/** A response to a query: its ID and question, these flags and records. */
function response(query: Buffer, { flags = 0x8400, answers = [] as Buffer[] } = {}): Buffer {
  const head = Buffer.from(query.subarray(0, QUESTION_END));
  head.writeUInt16BE(flags, 2);
  for (const [at, count] of [1, answers.length, 0, 0].entries()) head.writeUInt16BE(count, 4 + 2 * at);
  return Buffer.concat([head, ...answers]);
}

/** A record of the name at offset 12. */
function record(type: number, data: readonly number[], owner: readonly number[] = [0xc0, 12]): Buffer {
  return Buffer.from([
    ...owner,
    type >> 8,
    type & 255,
    0,
    1,
    0,
    0,
    0,
    60,
    data.length >> 8,
    data.length & 255,
    ...data,
  ]);
}

const A = record(TYPE_CODES.A, [192, 0, 2, 1]);

async function udpServer(t: Test, reply: (query: Buffer, count: number) => Buffer | null): Promise<number> {
  const socket = dgram.createSocket('udp4');
  t.teardown(() => socket.close());
  let count = 0;
  socket.on('message', (query, from) => {
    const answer = reply(query, ++count);
    if (answer) socket.send(answer, from.port, from.address);
  });
  socket.bind(0, HOST);
  await once(socket, 'listening');
  return socket.address().port;
}

async function tcpServer(t: Test, port: number, serve: (socket: net.Socket, query: Buffer) => void): Promise<void> {
  const server = net.createServer((socket) => socket.once('data', (chunk) => serve(socket, chunk.subarray(2))));
  t.teardown(() => server.close());
  server.listen(port, HOST);
  await once(server, 'listening');
}

const at = (port: number) => ({ address: HOST, port });

t.test('udp() reads the answer, with the name that a pointer gives (RFC 1035 §4.1.4)', async (t) => {
  const port = await udpServer(t, (query) => response(query, { answers: [A] }));
  const answers = [{ owner: 'example.com.', type: 1, ttlSeconds: 60, rdata: { type: 'A', address: '192.0.2.1' } }];
  t.match(await client.udp(at(port), QUESTION), {
    ok: true,
    response: { rcode: 0, isAuthoritative: true, isTruncated: false, hasEdns: false, answers },
  });
});

t.test('udp() asks once more when nothing comes, and passes over what answers something else', async (t) => {
  const other = (query: Buffer) => {
    const wrong = response(query, { answers: [A] });
    wrong.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
    return wrong;
  };
  const port = await udpServer(t, (query, count) => (count === 1 ? other(query) : response(query)));
  t.match(await client.udp(at(port), QUESTION), { ok: true, response: { answers: [] } });
});

t.test('udp() says what is wrong', async (t) => {
  const port = await udpServer(t, (query) => response(query, { answers: [A.subarray(0, 8)] }));
  t.same(await client.udp(at(port), QUESTION), { ok: false, reason: 'it answers a damaged message' });
  const gone = dgram.createSocket('udp4').bind(0, HOST);
  await once(gone, 'listening');
  const { port: free } = gone.address();
  gone.close();
  t.same(await client.udp(at(free), QUESTION), { ok: false, reason: 'nothing listens there' });
  t.same(await client.tcp(at(free), QUESTION), { ok: false, reason: 'nothing listens there' });
});

t.test(
  'ask() comes again over TCP when the answer is truncated, however the stream is chopped (RFC 7766 §5)',
  async (t) => {
    const port = await udpServer(t, (query) => response(query, { flags: 0x8600 }));
    await tcpServer(t, port, (socket, query) => {
      const answer = response(query, { answers: [A, A] });
      socket.setNoDelay();
      socket.write(Buffer.from([answer.length >> 8]));
      setImmediate(() => socket.write(Buffer.concat([Buffer.from([answer.length & 255]), answer.subarray(0, 20)])));
      setTimeout(() => socket.end(answer.subarray(20)), 5);
    });
    t.match(await client.ask(at(port), QUESTION), { ok: true, response: { isTruncated: false, answers: [{}, {}] } });
  },
);

t.test('tcp() says that the server closes', async (t) => {
  const port = await udpServer(t, () => null);
  await tcpServer(t, port, (socket) => socket.end());
  t.same(await client.tcp(at(port), QUESTION), {
    ok: false,
    reason: 'it closes the connection without an answer',
  });
});

t.test('readResponse() refuses pointers that do not lead back, and counts beyond reason', async (t) => {
  const query = Buffer.concat([Buffer.alloc(12), Buffer.from('\x07example\x03com\0\0\x01\0\x01', 'latin1')]);
  const forward = record(TYPE_CODES.A, [192, 0, 2, 1], [0xc0, QUESTION_END]);
  t.equal(readResponse(response(query, { answers: [forward] })), null);
  const many = response(query, { answers: [A] });
  many.writeUInt16BE(0xffff, 6);
  t.equal(readResponse(many), null);
  t.match(readResponse(response(query, { answers: [record(TYPE_CODES.NS, [1, 97, 0xc0, 12])] })), {
    answers: [{ rdata: { nsdname: 'a.example.com.' } }],
  });
  t.equal(readResponse(response(query, { answers: [record(TYPE_CODES.AAAA, [1, 2, 3])] })), null);
});

t.test('readResponse() reads or refuses whatever comes, and never throws', async () => {
  const seed = Buffer.concat([Buffer.alloc(12), Buffer.from('\x07example\x03com\0\0\x01\0\x01', 'latin1')]);
  const good = response(seed, { answers: [A, record(TYPE_CODES.NS, [1, 97, 0xc0, 12])] });
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 });
  fc.assert(
    fc.property(damage, fc.nat(good.length), (changes, length) => {
      const message = Buffer.from(good);
      for (const [at, octet] of changes) message[at] = octet;
      readResponse(message.subarray(0, length));
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (message) => void readResponse(message)),
    { numRuns: 2000 },
  );
});
