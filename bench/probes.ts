/**
 * What an HTTP probe costs, against a bare loop of fresh undici Clients at the same rate in the same run:
 * `node bench/probes.ts [--endpoints 10000] [--interval 5] [--seconds 15]`. Loopback only; bounded; stops by itself.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'undici';
import type { EndpointSpec } from '../src/core/check.ts';
import type { ProbeReport } from '../src/core/outcome.ts';
import { createProber } from '../src/probe/prober.ts';
import type { Clock } from '../src/runtime/ports.ts';

const { values } = parseArgs({
  options: {
    endpoints: { type: 'string', default: '10000' },
    interval: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '15' },
  },
});
const endpointCount = Number(values.endpoints);
const intervalMs = Number(values.interval) * 1000;
const seconds = Number(values.seconds);

interface Cost {
  readonly name: string;
  readonly probes: number;
  readonly failed: number;
  readonly cpuUs: number;
  readonly perSecond: number;
  /** The most CPU that one callback of a timer took: the schedule's drains and the deadlines. */
  readonly timerMaxMs: number;
  /** How long the event loop was held; on a busy machine mostly by others. */
  readonly loopP99Ms: number;
}

const clock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(() => {
      const before = process.threadCpuUsage();
      callback();
      const { user, system } = process.threadCpuUsage(before);
      timerMaxUs = Math.max(timerMaxUs, user + system);
    }, delayMs);
    return () => clearTimeout(timer);
  },
};
let timerMaxUs = 0;

/** Counts the CPU of this process, and how long its event loop was held, from now until the returned function is called. */
function measure(name: string): (probes: number, failed: number) => Cost {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  timerMaxUs = 0;
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  return (probes, failed) => {
    delay.disable();
    const { user, system } = process.cpuUsage(cpu);
    return {
      name,
      probes,
      failed,
      cpuUs: (user + system) / probes,
      perSecond: (1000 * probes) / (performance.now() - startMs),
      timerMaxMs: timerMaxUs / 1000,
      loopP99Ms: delay.percentile(99) / 1e6,
    };
  };
}

/** As many requests a second as the prober makes, each by a Client of its own, and nothing else. */
async function bareLoop(port: number): Promise<Cost> {
  const perMs = endpointCount / intervalMs;
  let begun = 0;
  let done = 0;
  let failed = 0;
  const request = async () => {
    const client = new Client(`http://${addressOf(begun++)}:${port}`);
    try {
      const { body } = await client.request({ path: '/', method: 'GET', reset: true });
      await body.dump();
    } catch {
      failed++;
    }
    await client.destroy();
    done++;
  };
  const result = measure('bare undici Clients');
  const startMs = performance.now();
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - startMs) {
    while (begun < elapsedMs * perMs) void request();
    await sleep(1);
  }
  const cost = result(done, failed);
  while (done < begun) await sleep(10);
  return cost;
}

async function prober(port: number): Promise<{ start: Cost; steady: Cost; stop: () => Promise<void> }> {
  let probes = 0;
  let failed = 0;
  const onReport = ({ outcome }: ProbeReport) => {
    probes++;
    if (outcome.outcome !== 'pass') failed++;
    return 'interval' as const;
  };
  const log = { debug() {}, info() {}, warn: console.warn, error: console.error };
  const settings = { concurrency: 512, witnesses: [], blindWhen: 2 };
  const running = createProber({ clock, random: Math.random, version: '0', settings, onReport, onSight() {}, log });
  const endpoints = Array.from({ length: endpointCount }, (_, index) => endpointOf(index, port));
  await sleep(100);
  const atStart = measure('failoverd, first round');
  running.setEndpoints(endpoints);
  running.start();
  while (probes < endpointCount) await sleep(20);
  const start = atStart(probes, failed);
  await sleep(intervalMs);
  probes = 0;
  failed = 0;
  const inSteadyState = measure('failoverd');
  await sleep(seconds * 1000);
  return { start, steady: inSteadyState(probes, failed), stop: () => running.stop() };
}

function addressOf(index: number): string {
  return `127.0.${1 + ((index >> 8) & 63)}.${index & 255}`;
}

function endpointOf(index: number, port: number): EndpointSpec {
  const address = addressOf(index);
  return {
    id: `${address} #${index}`,
    address,
    family: 4,
    check: {
      kind: 'http',
      url: `http://app.example.com:${port}/`,
      port: null,
      host: null,
      method: 'GET',
      headers: {},
      expectStatus: [{ from: 200, to: 299 }],
      expectBody: null,
      maxBodyBytes: 65_536,
      tls: { verify: true, serverName: null, ca: null, cert: null, key: null },
      intervalMs,
      timeoutMs: 2000,
      confirmMs: 1000,
      fall: 3,
      rise: 3,
      sourceAddress: null,
      sentinel: false,
    },
  };
}

function print({ name, probes, failed, cpuUs, perSecond, timerMaxMs, loopP99Ms }: Cost): void {
  const held = `a timer's callback at most ${timerMaxMs.toFixed(1)} ms of CPU, event loop held p99 ${loopP99Ms.toFixed(1)} ms`;
  console.log(
    `${name.padEnd(24)} ${cpuUs.toFixed(1).padStart(7)} µs  ${perSecond.toFixed(0).padStart(5)}/s  ${probes} probes, ${failed} failed; ${held}`,
  );
}

const server = fork(path.join(import.meta.dirname, 'servers/http.ts'), { stdio: 'ignore' });
const [{ port }] = (await once(server, 'message')) as [{ port: number }];
const before = await bareLoop(port);
print(before);
const { start, steady, stop } = await prober(port);
print(start);
print(steady);
await stop();
const after = await bareLoop(port);
print(after);
const bareUs = (before.cpuUs + after.cpuUs) / 2;
console.log(`a probe costs ${(steady.cpuUs / bareUs).toFixed(2)} × a bare Client's request`);
server.disconnect();
