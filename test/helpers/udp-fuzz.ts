/**
 * Random datagrams at a socket whose handler misbehaves in every way that its type allows. Nothing here looks at answers: the
 * point is that the socket lives, and that a sanitizer sees nothing.
 *
 *   node test/helpers/udp-fuzz.ts KIND DATAGRAMS SEED
 */
import dgram from 'node:dgram';
import process from 'node:process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { seededRandom } from '../../bench/queries.ts';
import { MAX_DATAGRAM, type OpenUdpSocket, SLOT_STRIDE, type UdpBatch } from '../../src/dns/udp-socket.ts';
import { implementations } from './udp-implementations.ts';

const OPTIONS = { host: '::', port: 0, reusePort: false, ipv6Only: false };
const LENGTHS = [0, 1, 12, 40, 512, MAX_DATAGRAM, MAX_DATAGRAM + 1, SLOT_STRIDE, 65_000];
const REPLY_LENGTHS = [...LENGTHS, SLOT_STRIDE + 1, -1, -(2 ** 31), 2 ** 31 - 1];
const HOSTS = ['127.0.0.1', '127.0.0.77', '::1'];
const BURST = 50;

export interface FuzzResult {
  readonly received: number;
  readonly thrown: number;
  readonly reopened: number;
}

export async function fuzzUdp(open: OpenUdpSocket, datagrams: number, seed: number): Promise<FuzzResult> {
  const random = seededRandom(seed);
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  const result = { received: 0, thrown: 0, reopened: 0 };
  let closing: Promise<void> | null = null;

  const misbehave = (batch: UdpBatch, count: number) => {
    result.received += count;
    for (let i = 0; i < count; i++) batch.txLengths[i] = pick(REPLY_LENGTHS);
    batch.tx.fill(pick(LENGTHS), 0, SLOT_STRIDE * count);
    if (random() < 0.1) batch.rxLengths.fill(2 ** 31 - 1);
    if (random() < 0.1) batch.peers.fill(255);
    if (random() < 0.02) closing ??= socket.close();
    if (random() < 0.05) throw new Error('as asked');
  };
  const onUncaught = () => result.thrown++;

  process.on('uncaughtException', onUncaught);
  let socket = await open(OPTIONS, misbehave);
  for (let sent = 0; sent < datagrams; sent += BURST) {
    const lengths = Array.from({ length: BURST }, () => pick(LENGTHS));
    await sendBurst(pick(HOSTS), socket.port, lengths);
    if (!closing) continue;
    await closing;
    result.reopened++;
    socket = await open(OPTIONS, misbehave);
    closing = null;
  }
  await socket.close();
  process.off('uncaughtException', onUncaught);
  return result;
}

/** Sends, and is gone before the replies come. */
async function sendBurst(host: string, port: number, lengths: readonly number[]): Promise<void> {
  const client = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const sent = lengths.map(
    (length) => new Promise((resolve) => client.send(Buffer.alloc(length, length), port, host, resolve)),
  );
  await Promise.all(sent);
  client.close();
  await nextTurn();
}

if (import.meta.main) {
  const [kind, datagrams, seed] = process.argv.slice(2);
  const open = implementations.find((implementation) => implementation.kind === kind)?.open;
  if (!open) throw new Error(`no implementation ${kind}`);
  console.log(await fuzzUdp(open, Number(datagrams), Number(seed)));
}
