import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import t from 'tap';
import type { EndpointSpec } from '../../src/core/check.ts';
import type { ProbeReport } from '../../src/core/outcome.ts';
import { createProber } from '../../src/probe/prober.ts';
import type { OnReport, Prober } from '../../src/runtime/ports.ts';
import { fullBacklog } from './full-backlog.ts';
import { httpEndpoint, listen, rawServer, silentLog, systemClock, tcpEndpoint } from './helpers.ts';

function prober(onReport: OnReport, concurrency = 512): Prober {
  return createProber({
    clock: systemClock,
    random: Math.random,
    settings: { concurrency, witnesses: [], blindWhen: 2 },
    onSight: () => {},
    version: '0',
    onReport,
    log: silentLog,
  });
}

const openFiles = () => readdirSync('/proc/self/fd').length;
const openHandles = () => process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length;

t.test('createProber() probes over real sockets, with node-cron, until it is stopped', async (t) => {
  const port = await listen(
    t,
    createServer((_request, response) => response.end('fine')),
  );
  const reports: ProbeReport[] = [];
  const endpoint = httpEndpoint(`http://app.example.com:${port}/`, { intervalMs: 1000, timeoutMs: 5000 });
  const confirmed = Promise.withResolvers<void>();
  const running = prober((report) => {
    reports.push(report);
    if (reports.length === 4) confirmed.resolve();
    return reports.length < 3 ? 'confirm' : 'interval';
  });
  running.setEndpoints([{ ...endpoint, check: { ...endpoint.check, confirmMs: 100 } } as EndpointSpec]);
  running.start();
  running.probeNow(endpoint.id);
  await confirmed.promise;
  await running.stop();
  t.same(
    reports.slice(1).map(({ outcome, trigger }) => [outcome.outcome, trigger]),
    [
      ['pass', 'confirm'],
      ['pass', 'confirm'],
      ['pass', 'interval'],
    ],
  );
  const [first, second, third] = reports.map(({ startedAtMs }) => startedAtMs);
  const pauses = [(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)];
  for (const pauseMs of pauses) t.ok(pauseMs >= 99, `confirmed after ${pauseMs} ms`);
});

t.test('createProber().stop() ends running probes, and settles when no socket is left', async (t) => {
  const accepted = Promise.withResolvers<void>();
  const port = await rawServer(t, () => accepted.resolve());
  const before = openFiles();
  const running = prober(() => {
    t.fail('no report after a stop');
    return 'interval';
  });
  const endpoint = httpEndpoint(`http://app.example.com:${port}/`);
  running.setEndpoints([endpoint]);
  running.start();
  running.probeNow(endpoint.id);
  await accepted.promise;
  t.equal(running.stats().running, 1);
  await running.stop();
  t.equal(running.stats().running, 0);
  t.ok(openFiles() <= before + 1, 'but for the end that the server accepted');
});

t.test('createProber() leaves no socket of 10,000 probes to a black hole', async (t) => {
  const port = await fullBacklog(t);
  const wanted = 10_000;
  const timeoutMs = 100;
  const all = Array.from({ length: wanted / 10 }, (_, index): EndpointSpec => {
    const check = { timeoutMs, confirmMs: 10 };
    const endpoint = index % 2 === 0 ? tcpEndpoint(port, check) : httpEndpoint(`http://a.example:${port}/`, check);
    return { ...endpoint, id: String(index) };
  });
  const files = openFiles();
  const handles = openHandles();
  const done = Promise.withResolvers<void>();
  let probes = 0;
  const others: ProbeReport[] = [];
  const running = prober((report) => {
    const { outcome } = report;
    if (outcome.outcome !== 'fail' || outcome.reason !== 'timeout' || outcome.phase !== 'connect') others.push(report);
    if (++probes === wanted) done.resolve();
    return 'confirm';
  });
  running.setEndpoints(all);
  running.start();
  await done.promise;
  await running.stop();
  t.same(others, []);
  t.equal(openFiles(), files);
  t.equal(openHandles(), handles);
});
