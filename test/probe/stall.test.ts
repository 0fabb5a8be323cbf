import { once } from 'node:events';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import type { ProbeReport } from '../../src/core/outcome.ts';
import { createProber } from '../../src/probe/prober.ts';
import { httpEndpoint, silentLog, systemClock } from './helpers.ts';

/** Answers each request after 60 ms, whatever this thread does. */
const SERVER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:http').createServer((request, response) => setTimeout(() => response.end('fine'), 60));
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => parentPort.postMessage(server.address().port));
`;

t.test('createProber() blames no endpoint for a stall of its own event loop', async (t) => {
  const worker = new Worker(SERVER, { eval: true });
  t.teardown(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  const reports: ProbeReport[] = [];
  const running = createProber({
    clock: systemClock,
    random: Math.random,
    version: '0',
    settings: { concurrency: 512, witnesses: [], blindWhen: 2 },
    onReport(report) {
      reports.push(report);
      return 'interval';
    },
    onSight: () => {},
    log: silentLog,
  });
  t.teardown(() => running.stop());
  const check = { intervalMs: 1000, timeoutMs: 900 };
  running.setEndpoints(
    Array.from({ length: 50 }, (_, index) => ({
      ...httpEndpoint(`http://a.example:${port}/`, check),
      id: String(index),
    })),
  );
  running.start();
  for (const stallMs of [880, 920, 1400]) {
    await pause(300);
    // After an immediate, unlike after a timer, the loop runs its timers before it reads its sockets.
    do await turn();
    while (running.stats().running < 2);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
  }
  await pause(400);
  t.ok(reports.length > 50);
  t.same(
    reports.filter(({ outcome }) => outcome.outcome === 'fail'),
    [],
  );
});
