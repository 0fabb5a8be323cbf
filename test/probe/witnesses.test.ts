import { createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import type { Outcome, ProbeReport } from '../../src/core/outcome.ts';
import type { WitnessSpec } from '../../src/core/sight.ts';
import { createProber } from '../../src/probe/prober.ts';
import { Witnesses } from '../../src/probe/witnesses.ts';
import { FakeClock } from './fake-clock.ts';
import { listen, rawServer, replying, silentLog, systemClock, tcpEndpoint } from './helpers.ts';

const PASS: Outcome = { outcome: 'pass' };
const FAIL: Outcome = { outcome: 'fail', reason: 'timeout', phase: 'connect', detail: '' };
const LATE: Outcome = { outcome: 'inconclusive', reason: 'late', detail: '' };

const spec = (port: number, host = '127.0.0.1'): WitnessSpec => ({
  name: `${host}:${port}`,
  check: { kind: 'tcp', host, port },
});

function setup(count: number, blindWhen: number) {
  const clock = new FakeClock();
  const probed: string[] = [];
  const sights: string[] = [];
  const witnesses = new Witnesses({
    clock,
    probeNow: (id) => probed.push(id),
    onSight: (sight, before) => sights.push(`${before} to ${sight}`),
  });
  witnesses.configure(
    Array.from({ length: count }, (_, index) => spec(index + 1)),
    blindWhen,
  );
  const report = (index: number, outcome: Outcome, startedAtMs = clock.nowMs()) =>
    witnesses.report({
      endpointId: witnesses.endpoints[index]?.id ?? '',
      trigger: 'interval',
      outcome,
      startedAtEpochMs: 0,
      startedAtMs,
      elapsedMs: 1,
      phasesMs: {},
    });
  return { clock, probed, sights, witnesses, report };
}

t.test('Witnesses are asked all at once when an endpoint turns suspect, and clear its sight one by one', (t) => {
  const { witnesses, probed, report, sights } = setup(3, 2);
  witnesses.ask();
  t.equal(probed.length, 3);
  t.equal(witnesses.sight, 'checking');
  report(0, PASS);
  t.equal(witnesses.sight, 'checking');
  report(1, PASS);
  t.equal(witnesses.sight, 'clear', 'the third could not change it');
  report(2, FAIL);
  t.same(sights, ['clear to checking', 'checking to clear']);
  t.end();
});

t.test('Witnesses find the prober blind, ask on every second, and find it seeing again', (t) => {
  const { witnesses, report, sights, clock } = setup(3, 2);
  witnesses.ask();
  t.equal(report(0, FAIL), 'confirm');
  report(1, FAIL);
  t.equal(witnesses.sight, 'blind');
  clock.advance(1000);
  witnesses.ask();
  t.equal(witnesses.sight, 'blind', 'until enough have answered');
  report(0, PASS);
  report(1, PASS);
  t.equal(witnesses.sight, 'clear');
  t.same(sights, ['clear to checking', 'checking to blind', 'blind to clear']);
  t.end();
});

t.test('Witnesses find the prober blind also when no endpoint is suspect', (t) => {
  const { witnesses, report } = setup(2, 2);
  report(0, FAIL);
  report(1, FAIL);
  t.equal(witnesses.sight, 'blind');
  t.end();
});

t.test('Witnesses are asked at most once a second', (t) => {
  const { witnesses, probed, clock } = setup(2, 2);
  for (let suspects = 0; suspects < 1000; suspects++) witnesses.ask();
  t.equal(probed.length, 2);
  clock.advance(1000);
  witnesses.ask();
  t.equal(probed.length, 4);
  t.end();
});

t.test('Witnesses that fail a probe that began before the question have answered it: the network was away', (t) => {
  const { witnesses, report, clock } = setup(2, 2);
  clock.advance(10);
  witnesses.ask();
  report(0, FAIL, 5);
  report(1, FAIL, 5);
  t.equal(witnesses.sight, 'blind');
  report(0, PASS, 10);
  t.equal(witnesses.sight, 'clear', 'the probe that follows says more');
  t.end();
});

t.test('Witnesses are not taken to have answered by a pass that began before the question', (t) => {
  const { witnesses, report, clock } = setup(2, 2);
  clock.advance(10);
  witnesses.ask();
  report(0, PASS, 5);
  t.equal(witnesses.sight, 'checking');
  report(0, PASS, 10);
  t.equal(witnesses.sight, 'clear');
  t.end();
});

t.test('Witnesses that take longer than a second answer the first question, however often it is asked again', (t) => {
  const { witnesses, report, clock } = setup(2, 2);
  clock.advance(10);
  witnesses.ask();
  clock.advance(1000);
  witnesses.ask();
  clock.advance(1000);
  witnesses.ask();
  report(0, FAIL, 20);
  report(1, FAIL, 20);
  t.equal(witnesses.sight, 'blind');
  t.end();
});

t.test('Witnesses learn nothing from an inconclusive probe', (t) => {
  const { witnesses, report } = setup(2, 2);
  report(0, FAIL);
  witnesses.ask();
  report(0, LATE);
  report(1, LATE);
  t.equal(witnesses.sight, 'clear', 'one was down before');
  t.end();
});

t.test('Witnesses.configure() keeps what is known of those that stay', (t) => {
  const { witnesses, report } = setup(3, 2);
  report(0, FAIL);
  report(1, FAIL);
  t.equal(witnesses.sight, 'blind');
  witnesses.configure([spec(2), spec(3), spec(4)], 2);
  t.equal(witnesses.sight, 'clear');
  witnesses.configure([spec(2)], 1);
  t.equal(witnesses.sight, 'blind');
  witnesses.configure([], 1);
  t.equal(witnesses.sight, 'clear');
  t.equal(report(0, FAIL), 'interval', 'one that went says nothing');
  t.end();
});

t.test(
  'createProber() finds itself blind when its witnesses are gone, before a suspect endpoint is confirmed',
  async (t) => {
    const witnesses = [createServer(), createServer()];
    const ports = await Promise.all(witnesses.map((server) => listen(t, server)));
    const web = await replying(t, 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n');
    const accepted: Socket[] = [];
    const target = createServer((socket) => accepted.push(socket));
    const endpoint = tcpEndpoint(await listen(t, target), { confirmMs: 200, intervalMs: 1000, timeoutMs: 500 });
    const events: string[] = [];
    const blind = Promise.withResolvers<void>();
    const passed = Promise.withResolvers<void>();
    let fails = 0;
    const prober = createProber({
      clock: systemClock,
      random: Math.random,
      version: '0',
      log: silentLog,
      settings: {
        concurrency: 1,
        witnesses: [
          ...ports.map((port) => spec(port)),
          { name: 'web', check: { kind: 'http', url: `http://127.0.0.1:${web}/` } },
        ],
        blindWhen: 2,
      },
      onReport: ({ outcome }: ProbeReport) => {
        if (outcome.outcome === 'pass') passed.resolve();
        else events.push(`fail ${++fails}`);
        return outcome.outcome === 'pass' ? 'interval' : 'confirm';
      },
      onSight: (sight) => {
        events.push(sight);
        if (sight === 'blind') blind.resolve();
      },
    });
    t.teardown(() => prober.stop());
    prober.setEndpoints([endpoint]);
    prober.start();
    prober.probeNow(endpoint.id);
    await passed.promise;
    t.equal(prober.sight(), 'clear', 'any HTTP response is a sign of life');
    for (const server of [...witnesses, target]) server.close();
    prober.probeNow(endpoint.id);
    await blind.promise;
    t.same(events, ['checking', 'fail 1', 'blind'], 'asked before the first fail is counted');
    t.equal(prober.stats().endpoints, 1, 'witnesses are no endpoints');
  },
);

t.test('createProber() takes over other witnesses', async (t) => {
  const asked = Promise.withResolvers<void>();
  const port = await rawServer(t, () => asked.resolve());
  const prober = createProber({
    clock: systemClock,
    random: Math.random,
    version: '0',
    log: silentLog,
    settings: { concurrency: 1, witnesses: [spec(1), spec(2)], blindWhen: 2 },
    onReport: () => 'interval',
    onSight: () => {},
  });
  t.teardown(() => prober.stop());
  prober.start();
  prober.configure({ concurrency: 1, witnesses: [spec(port)], blindWhen: 2 });
  await asked.promise;
  t.equal(prober.sight(), 'clear');
});

t.test('createProber() leaves the witnesses in peace when an endpoint is down for long', async (t) => {
  let asked = 0;
  const port = await rawServer(t, () => asked++);
  const down = Promise.withResolvers<void>();
  const sights: string[] = [];
  let fails = 0;
  const prober = createProber({
    clock: systemClock,
    random: Math.random,
    version: '0',
    log: silentLog,
    settings: { concurrency: 1, witnesses: [spec(port)], blindWhen: 1 },
    onReport: () => {
      fails++;
      if (fails === 1) down.resolve();
      return 'interval';
    },
    onSight: (sight) => sights.push(sight),
  });
  t.teardown(() => prober.stop());
  const endpoint = tcpEndpoint(1);
  prober.setEndpoints([endpoint]);
  prober.start();
  await down.promise;
  for (const wanted of [2, 3, 4, 5]) {
    prober.probeNow(endpoint.id);
    while (fails < wanted) await turn();
  }
  t.equal(sights.filter((sight) => sight === 'checking').length, 1);
  t.ok(asked <= 3, `asked ${asked} times, its own schedule included`);
});
