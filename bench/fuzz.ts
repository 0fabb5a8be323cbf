/**
 * Damaged messages at a real data plane, over UDP and TCP, while a good client asks on: `npm run fuzz -- [UDP] [TCP] [SEED]`,
 * 1,000,000 and 100,000 messages unless told otherwise. Loopback only. Fails when a good query is not answered, when a
 * response is not a whole message, or when a worker has ended.
 */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDataPlane } from '../src/dns/pool.ts';
import { systemClock } from '../src/runtime/clock.ts';
import { createRandom, fuzzMessage, type Random } from '../test/helpers/fuzz.ts';
import { query, readMessage } from '../test/helpers/message.ts';
import { content } from '../test/helpers/zones.ts';
import { benchDns } from './dns-options.ts';

const HOST = '127.0.0.1';
const GOOD_CLIENT = '127.0.0.2';
const ASK_EVERY_MS = 20;
const BURST = 32;
/** Of the good queries between the others, which have lower ones. */
const BARRIER_ID = 65_535;
/** A connection ends with the first message that deserves no response. */
const TCP_MESSAGES_A_CONNECTION = 6;
const log = { debug() {}, info() {}, warn: console.warn, error: console.error };

const [udpMessages = 1_000_000, tcpMessages = 100_000, seed = Date.now() % 1e6] = process.argv.slice(2).map(Number);
const zone = content(
  'example.com',
  '@ 60 NS ns1\n@ 5 A 192.0.2.1\nwww 5 CNAME @\n*.wild 5 TXT x\nsub 60 NS ns.sub\nns.sub 60 A 192.0.2.2',
);

const plane = createDataPlane(
  { listen: [{ host: HOST, port: 0 }], workers: 2, dns: benchDns },
  { clock: systemClock, log },
);
const [bound] = await plane.start([zone]);
const port = bound?.port ?? 0;

/** Asks the same good question again and again; the promise settles with how many were asked and answered. */
function askOn(signal: AbortSignal): Promise<{ asked: number; answered: number }> {
  return new Promise((resolve) => {
    const result = { asked: 0, answered: 0 };
    const socket = dgram.createSocket('udp4');
    socket.on('message', (response) => {
      if (readMessage(response).answers.length === 1) result.answered++;
    });
    socket.bind(0, GOOD_CLIENT);
    const asking = setInterval(() => {
      result.asked++;
      socket.send(query(), port, HOST);
    }, ASK_EVERY_MS);
    signal.addEventListener('abort', async () => {
      clearInterval(asking);
      await sleep(500);
      socket.close();
      resolve(result);
    });
  });
}

interface Tally {
  responses: number;
  /** What is no whole message. */
  readonly damaged: string[];
}

function take(tally: Tally, response: Buffer): void {
  tally.responses++;
  try {
    readMessage(response);
  } catch (error) {
    tally.damaged.push(`${error}: ${response.toString('hex')}`);
  }
}

/** In bursts, each with a good query behind it whose answer is waited for: what the kernel drops would prove nothing. */
async function fuzzUdp(random: Random, tally: Tally): Promise<void> {
  const socket = dgram.createSocket('udp4');
  let barrier = (): void => {};
  socket.on('message', (response) => {
    if (response.readUInt16BE(0) === BARRIER_ID) barrier();
    else take(tally, response);
  });
  socket.connect(port, HOST);
  await once(socket, 'connect');
  for (let sent = 0; sent < udpMessages; sent += BURST) {
    const passed = new Promise<void>((resolve) => {
      barrier = resolve;
    });
    for (let i = 0; i < BURST; i++) socket.send(fuzzMessage(random));
    socket.send(query({ id: BARRIER_ID }));
    await Promise.race([passed, sleep(1000)]);
  }
  await sleep(500);
  socket.close();
}

/** Some messages over one connection, most of them with a true length; then it is ended, or cut off. */
async function fuzzConnection(random: Random, tally: Tally): Promise<void> {
  const socket = net.connect(port, HOST);
  let received = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      take(tally, received.subarray(2, end));
      received = received.subarray(end);
    }
  });
  for (let i = 0; i < TCP_MESSAGES_A_CONNECTION && !socket.destroyed; i++) {
    const message = fuzzMessage(random);
    const length = random(60) === 0 ? random(65_536) : message.length;
    socket.write(Buffer.concat([Uint8Array.of(length >> 8, length & 255), message]));
  }
  if (random(4) === 0) socket.resetAndDestroy();
  else socket.end();
  await Promise.race([once(socket, 'close'), sleep(200)]);
  socket.destroy();
}

async function fuzzTcp(random: Random, tally: Tally): Promise<void> {
  for (let sent = 0; sent < tcpMessages; sent += 8 * TCP_MESSAGES_A_CONNECTION) {
    await Promise.all(Array.from({ length: 8 }, () => fuzzConnection(random, tally)));
  }
}

const megabytes = () => Math.round(process.memoryUsage().rss / 1e6);
const [udp, tcp]: Tally[] = [
  { responses: 0, damaged: [] },
  { responses: 0, damaged: [] },
] as const;
const stop = new AbortController();
const good = askOn(stop.signal);
console.log(`seed ${seed}, ${megabytes()} MB`);
await fuzzUdp(createRandom(seed), udp);
console.log(`${udpMessages} datagrams: ${udp.responses} responses, ${udp.damaged.length} damaged, ${megabytes()} MB`);
await fuzzTcp(createRandom(seed + 1), tcp);
console.log(
  `${tcpMessages} TCP messages: ${tcp.responses} responses, ${tcp.damaged.length} damaged, ${megabytes()} MB`,
);
stop.abort();
const { asked, answered } = await good;
const { workerRestarts, queries, drops } = await plane.stats();
console.log(`good queries: ${answered} of ${asked} answered; workers that ended: ${workerRestarts}`);
console.log(JSON.stringify({ queries, drops }));
await plane.stop();
for (const one of [...udp.damaged, ...tcp.damaged].slice(0, 5)) console.log(one);
const isFine = udp.damaged.length + tcp.damaged.length + workerRestarts === 0 && answered === asked;
console.log(isFine ? 'fine' : 'NOT fine');
process.exitCode = isFine ? 0 : 1;
