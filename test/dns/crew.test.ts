/** Who replaces the workers, and when: with a clock and threads that do what the test says. */
import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import t from 'tap';
import type { BindFault } from '../../src/dns/claim.ts';
import { createCrew } from '../../src/dns/crew.ts';
import type { Request, ToWorker, WorkerStats } from '../../src/dns/protocol.ts';
import { createQuotaMemory } from '../../src/dns/tcp-quota.ts';
import { NO_STATS } from '../../src/dns/worker-stats.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

/** A thread that answers at once as long as it does not hang. */
class FakeWorker extends EventEmitter {
  readonly row: number;
  readonly asked: string[] = [];
  fault: BindFault | null = null;
  stats: WorkerStats = { ...NO_STATS, queries: { udp: 1, tcp: 0 }, tcpConnections: 1 };
  isHanging = false;

  constructor(row: number) {
    super();
    this.row = row;
  }

  postMessage(message: ToWorker): void {
    if (message.kind !== 'ask' || this.isHanging) return;
    this.asked.push(message.request.kind);
    this.emit('message', { id: message.id, reply: this.#answer(message.request) });
  }

  #answer({ kind }: Request): unknown {
    if (kind === 'open') return this.fault;
    return kind === 'stats' || kind === 'stop' ? this.stats : null;
  }

  async terminate(): Promise<number> {
    this.emit('exit', 1);
    return 1;
  }

  /** Settles when that has got about. */
  async die(): Promise<void> {
    this.emit('error', new Error('a bug'));
    this.emit('exit', 1);
    await nextTurn();
  }
}

function makeCrew(prepareWorker: (worker: FakeWorker) => void = () => {}, clock = createFakeClock()) {
  const workers: FakeWorker[] = [];
  const logged: string[] = [];
  const note = (_fields: object, message: string): void => void logged.push(message);
  const crew = createCrew({
    spawn: (row) => {
      const worker = new FakeWorker(row);
      prepareWorker(worker);
      workers.push(worker);
      return worker as unknown as Worker;
    },
    prepare: (thread) => thread.ask({ kind: 'open', addresses: [] }),
    quotaMemory: createQuotaMemory(),
    clock,
    log: { debug: note, info: note, warn: note, error: note },
  });
  /** Lets time pass second by second, and each turn of the loop do its work. */
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1000) {
      clock.advance(Math.min(left, 1000));
      await nextTurn();
    }
  };
  return { crew, workers, logged, clock, pass };
}

t.test('a dead worker is replaced after 50 ms, and the row of its connections is used again', async (t) => {
  const { crew, workers, logged, pass } = makeCrew();
  await crew.resize(2);
  await pass(20_000);
  await workers[0]?.die();
  t.equal(crew.threads().length, 1);
  await pass(49);
  t.equal(workers.length, 2);
  await pass(1);
  t.equal(workers.length, 3);
  t.equal(crew.threads().length, 2);
  t.equal(crew.restarts, 1);
  t.same(
    workers.map(({ row }) => row),
    [0, 1, 0],
  );
  t.same(logged, ['a DNS worker died']);
});

t.test('a worker that dies again and again is replaced after longer and longer pauses, 10 s at most', async (t) => {
  const { crew, workers, pass } = makeCrew();
  await crew.resize(1);
  const pauses: number[] = [];
  for (let death = 0; death < 11; death++) {
    const before = workers.length;
    await workers.at(-1)?.die();
    let pause = 0;
    for (; workers.length === before; pause += 50) await pass(50);
    pauses.push(pause);
  }
  t.same(pauses, [50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
  await pass(10_000);
  await workers.at(-1)?.die();
  await pass(50);
  t.equal(workers.length, 13, 'one that lived for 10 s is replaced at once');
});

t.test('a worker that cannot bind is ended, reported and replaced', async (t) => {
  const fault: BindFault = { host: '127.0.0.1', port: 53, protocol: 'UDP', code: 'EADDRINUSE' };
  let isTaken = false;
  const { crew, workers, logged, pass } = makeCrew((worker) => {
    worker.fault = isTaken ? fault : null;
  });
  await crew.resize(1);
  isTaken = true;
  await workers[0]?.die();
  await pass(150);
  t.equal(workers.length, 2);
  t.match(logged.join('\n'), /127\.0\.0\.1:53 \(UDP\) is taken/);
  isTaken = false;
  await pass(1000);
  t.equal(crew.threads().length, 1);
  await pass(60_000);
  t.equal(crew.threads().length, 1);
});

t.test('a worker that gives no sign of life for 10 beats is ended and replaced, its siblings are not', async (t) => {
  const { crew, workers, pass } = makeCrew();
  await crew.resize(2);
  const [first] = workers;
  if (first) first.isHanging = true;
  await pass(10_000);
  t.equal(workers.length, 2);
  await pass(2000);
  t.equal(workers.length, 3);
  t.equal(crew.restarts, 1);
});

t.test('a control plane that was stopped for 30 s itself blames no worker', async (t) => {
  const clock = createFakeClock();
  let stoppedMs = 0;
  const { crew, workers } = makeCrew(undefined, { ...clock, nowMs: () => clock.nowMs() + stoppedMs });
  await crew.resize(2);
  for (const worker of workers) worker.isHanging = true; // they were stopped too, and have not said anything yet
  stoppedMs = 30_000;
  clock.advance(1000); // the one beat that is overdue
  for (const worker of workers) worker.isHanging = false;
  await nextTurn();
  t.equal(crew.threads().length, 2);
  t.equal(crew.restarts, 0);
});

t.test('stats() counts what dead workers have counted, but not their connections', async (t) => {
  const { crew, workers, pass } = makeCrew();
  await crew.resize(2);
  t.match(await crew.stats(), { queries: { udp: 2 }, tcpConnections: 2 });
  await workers[0]?.die();
  await pass(1000);
  t.match(await crew.stats(), { queries: { udp: 3 }, tcpConnections: 2 });
});

t.test('stats() takes the last known counters of a worker that is late', async (t) => {
  const { crew, workers, clock } = makeCrew();
  await crew.resize(2);
  await crew.stats();
  const [first] = workers;
  if (first) first.isHanging = true;
  const stats = crew.stats();
  await nextTurn();
  clock.advance(500);
  t.match(await stats, { queries: { udp: 2 } });
});

t.test('resize() lets those that are too many finish, and leaves all as it was when one cannot bind', async (t) => {
  let fault: BindFault | null = null;
  const { crew, workers } = makeCrew((worker) => {
    worker.fault = fault;
  });
  await crew.resize(3);
  await crew.resize(1);
  t.same(
    workers.map(({ asked }) => asked),
    [['open'], ['open', 'stop'], ['open', 'stop']],
  );
  fault = { host: '::1', port: 53, protocol: 'TCP', code: 'EADDRINUSE' };
  await t.rejects(crew.resize(3), { name: 'ListenError' });
  t.equal(crew.size, 1);
  t.equal(crew.threads().length, 1);
  t.equal(crew.restarts, 0);
});

t.test('renew() has the new workers answer before the old ones leave', async (t) => {
  const { crew, workers } = makeCrew();
  await crew.resize(2);
  await crew.renew();
  t.equal(crew.threads().length, 2);
  t.same(
    workers.map(({ asked }) => asked.includes('stop')),
    [true, true, false, false],
  );
});

t.test('stop() ends also workers that do not answer, and replaces none', async (t) => {
  const { crew, workers, clock, pass } = makeCrew();
  await crew.resize(2);
  const [first] = workers;
  if (first) first.isHanging = true;
  const stopped = crew.stop();
  await nextTurn();
  clock.advance(5000);
  await stopped;
  await pass(20_000);
  t.equal(workers.length, 2);
  t.equal(crew.threads().length, 0);
  t.equal(clock.pendingTimers(), 0);
});
