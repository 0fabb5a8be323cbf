import type { Socket } from 'node:net';
import t from 'tap';
import type { EndpointSpec } from '../../src/core/check.ts';
import type { Outcome, ProbeReport } from '../../src/core/outcome.ts';
import type { Attempt, Probe } from '../../src/probe/attempt.ts';
import { Scheduler } from '../../src/probe/scheduler.ts';
import type { NextProbe } from '../../src/runtime/ports.ts';
import { FakeClock } from './fake-clock.ts';
import { tcpEndpoint } from './helpers.ts';

const PASS: Outcome = { outcome: 'pass' };
const REFUSED: Outcome = { outcome: 'fail', reason: 'refused', phase: 'connect', detail: 'ECONNREFUSED' };

interface Setup {
  readonly concurrency?: number;
  readonly random?: () => number;
  /** How long each probe takes; Infinity: until its deadline. */
  readonly takesMs?: (endpoint: EndpointSpec) => number;
  readonly outcome?: () => Outcome;
  readonly next?: (report: ProbeReport, scheduler: Scheduler) => NextProbe;
  readonly ticking?: boolean;
}

/** A scheduler on a fake clock whose probes take as long as they are told to. */
function setup({ concurrency = 512, random = () => 0, takesMs = () => 5, outcome = () => PASS, ...rest }: Setup = {}) {
  const clock = new FakeClock();
  const reports: ProbeReport[] = [];
  const running = new Map<string, number>();
  const lose = new Map<string, () => void>();
  const watched: string[] = [];
  let peak = 0;
  const tick = () => {
    clock.setTimer(1000, tick);
    scheduler.tick();
  };
  const probeOf =
    (endpoint: EndpointSpec): Probe =>
    (attempt: Attempt) => {
      running.set(endpoint.id, (running.get(endpoint.id) ?? 0) + 1);
      peak = Math.max(
        peak,
        [...running.values()].reduce((a, b) => a + b, 0),
      );
      const cancel = clock.setTimer(takesMs(endpoint), () => attempt.settle(outcome()));
      attempt.onEnd(() => {
        cancel();
        running.set(endpoint.id, (running.get(endpoint.id) ?? 0) - 1);
      });
    };
  const scheduler = new Scheduler({
    context: { clock, sockets: new Set<Socket>() },
    random,
    probeOf,
    sentinelOf: (endpoint, onLost) => {
      lose.set(endpoint.id, onLost);
      return {
        probed: ({ outcome }) => watched.push(`${endpoint.id} ${outcome}`),
        close: () => watched.push(`${endpoint.id} closed`),
      };
    },
    onReport: (report) => {
      reports.push(report);
      return rest.next?.(report, scheduler) ?? 'interval';
    },
  });
  scheduler.setConcurrency(concurrency);
  if (rest.ticking !== false) tick();
  return { clock, scheduler, reports, running, lose, watched, peak: () => peak };
}

function endpoints(count: number, check: Partial<EndpointSpec['check']> = {}): EndpointSpec[] {
  return Array.from({ length: count }, (_, index) => {
    const endpoint = tcpEndpoint(index + 1);
    return { ...endpoint, check: { ...endpoint.check, ...check } as EndpointSpec['check'] };
  });
}

function startsOf(reports: readonly ProbeReport[], id: string): number[] {
  return reports.filter(({ endpointId }) => endpointId === id).map(({ startedAtMs }) => startedAtMs);
}

t.test('Scheduler probes every endpoint within a second of its start, spread', (t) => {
  const { clock, scheduler, reports } = setup();
  scheduler.setEndpoints(endpoints(100, { intervalMs: 1_000_000 }));
  scheduler.start();
  clock.advance(1050);
  const first = new Map(reports.map((report) => [report.endpointId, report.startedAtMs]));
  t.equal(first.size, 100);
  const inTenths = new Set([...first.values()].map((startedAtMs) => Math.floor(startedAtMs / 100)));
  t.equal(inTenths.size, 10, 'each tenth of the second has its share');
  t.end();
});

t.test('Scheduler spreads the ordinary probes over their interval', (t) => {
  const { clock, scheduler, reports } = setup();
  scheduler.setEndpoints(endpoints(1000));
  scheduler.start();
  clock.advance(20_000);
  const inThirdRound = reports.filter(({ startedAtMs }) => startedAtMs >= 10_000 && startedAtMs < 15_000);
  t.equal(inThirdRound.length, 1000);
  const bySecond = [0, 0, 0, 0, 0];
  for (const { startedAtMs } of inThirdRound) {
    const second = Math.floor(startedAtMs / 1000) - 10;
    bySecond[second] = (bySecond[second] ?? 0) + 1;
  }
  for (const count of bySecond) t.ok(count > 150 && count < 250, `${count} in a second`);
  t.end();
});

t.test('Scheduler moves a probe by at most 5 % of its interval', (t) => {
  let turn = 0;
  const { clock, scheduler, reports } = setup({ random: () => [0, 0.999][turn++ % 2] ?? 0 });
  const [endpoint] = endpoints(1);
  if (endpoint === undefined) throw new Error('none');
  scheduler.setEndpoints([endpoint]);
  scheduler.start();
  clock.advance(60_000);
  const starts = startsOf(reports, endpoint.id).slice(1);
  const pauses = starts.slice(1).map((startedAtMs, index) => startedAtMs - (starts[index] ?? 0));
  t.ok(pauses.length >= 10);
  t.ok(Math.min(...pauses) >= 4750 && Math.max(...pauses) <= 5250, `${pauses}`);
  t.ok(new Set(pauses.map(Math.round)).size > 1, 'and does move it');
  t.end();
});

t.test('Scheduler runs no two probes of an endpoint at once, however often it is asked', (t) => {
  const { clock, scheduler, running, reports } = setup({ takesMs: () => 300 });
  const [endpoint] = endpoints(1);
  if (endpoint === undefined) throw new Error('none');
  scheduler.setEndpoints([endpoint]);
  scheduler.start();
  for (let asked = 0; asked < 50; asked++) {
    scheduler.probeNow(endpoint.id);
    clock.advance(100);
    t.ok((running.get(endpoint.id) ?? 0) <= 1);
  }
  t.equal(reports.length, 16, 'one after the other without a pause');
  t.end();
});

t.test(
  'Scheduler keeps to its bound and serves the first round in the order in which the endpoints were given',
  (t) => {
    const { clock, scheduler, reports, peak } = setup({ concurrency: 3, takesMs: () => 400 });
    const all = endpoints(12, { intervalMs: 1_000_000 });
    scheduler.setEndpoints(all);
    scheduler.start();
    clock.advance(500);
    t.same(scheduler.stats().running, 3);
    t.ok(scheduler.stats().waiting > 0 && scheduler.stats().lagMs > 0, 'and says that it is overloaded');
    clock.advance(1500);
    t.equal(peak(), 3);
    t.same(
      reports.map(({ endpointId }) => endpointId),
      all.map(({ id }) => id),
    );
    t.end();
  },
);

t.test('Scheduler confirms at the pause of the check from start to start, on the millisecond', (t) => {
  const { clock, scheduler, reports } = setup({ outcome: () => REFUSED, next: () => 'confirm' });
  const [endpoint] = endpoints(1, { confirmMs: 200 });
  if (endpoint === undefined) throw new Error('none');
  scheduler.setEndpoints([endpoint]);
  scheduler.start();
  scheduler.probeNow(endpoint.id);
  clock.advance(1010);
  t.same(startsOf(reports, endpoint.id), [0, 200, 400, 600, 800, 1000]);
  t.same(
    reports.slice(1).map(({ trigger }) => trigger),
    Array(5).fill('confirm'),
  );
  t.end();
});

t.test('Scheduler confirms at once after a probe that took longer than the pause', (t) => {
  const { clock, scheduler, reports } = setup({ takesMs: () => Number.POSITIVE_INFINITY, next: () => 'confirm' });
  const [endpoint] = endpoints(1, { confirmMs: 200, timeoutMs: 500 });
  if (endpoint === undefined) throw new Error('none');
  scheduler.setEndpoints([endpoint]);
  scheduler.start();
  scheduler.probeNow(endpoint.id);
  clock.advance(1600);
  t.same(startsOf(reports, endpoint.id), [0, 500, 1000]);
  t.end();
});

t.test('Scheduler.setEndpoints() drops what goes, running or not, and keeps the schedule of what stays', (t) => {
  const { clock, scheduler, reports, running } = setup({ takesMs: () => 400 });
  const all = endpoints(20);
  scheduler.setEndpoints(all);
  scheduler.start();
  clock.advance(600);
  const gone = all.slice(0, 10);
  const seen = reports.length;
  scheduler.setEndpoints(all.slice(10).map((endpoint) => ({ ...endpoint })));
  t.equal(scheduler.stats().endpoints, 10);
  for (const { id } of gone) t.equal(running.get(id) ?? 0, 0, 'no probe of it is left');
  clock.advance(10_000);
  const late = reports.slice(seen).filter(({ endpointId }) => gone.some(({ id }) => id === endpointId));
  t.same(late, [], 'and no report of it surfaces');

  const undisturbed = setup({ takesMs: () => 400 });
  undisturbed.scheduler.setEndpoints(all);
  undisturbed.scheduler.start();
  undisturbed.clock.advance(10_600);
  for (const { id } of all.slice(10)) t.same(startsOf(reports, id), startsOf(undisturbed.reports, id));
  t.end();
});

t.test('Scheduler lets the one who counts take out the endpoint whose report it gets', (t) => {
  const { clock, scheduler, reports } = setup({
    next: (_report, scheduler) => {
      scheduler.setEndpoints([]);
      return 'confirm';
    },
  });
  scheduler.setEndpoints(endpoints(1));
  scheduler.start();
  clock.advance(10_000);
  t.equal(reports.length, 1);
  t.equal(scheduler.stats().running, 0);
  t.end();
});

t.test('Scheduler.stop() leaves no timer, no probe and no report', (t) => {
  const { clock, scheduler, reports } = setup({ takesMs: () => 400, ticking: false });
  scheduler.setEndpoints(endpoints(20));
  scheduler.start();
  clock.advance(600);
  const seen = reports.length;
  scheduler.stop();
  scheduler.tick();
  t.equal(clock.timers, 0);
  clock.advance(10_000);
  t.equal(reports.length, seen);
  t.same(scheduler.stats(), { endpoints: 0, running: 0, waiting: 0, lagMs: 0 });
  t.end();
});

t.test('Scheduler leaves what is due after the next tick to the tick', (t) => {
  const { clock, scheduler, reports } = setup({ ticking: false });
  const all = endpoints(1, { intervalMs: 100_000 });
  scheduler.setEndpoints(all);
  scheduler.start();
  clock.advance(1050);
  t.equal(reports.length, 1);
  t.equal(clock.timers, 0, 'no timer for a time that far away');
  t.end();
});

t.test('Scheduler probes everything again after a stall, within its bound', (t) => {
  const { clock, scheduler, reports, peak } = setup({ concurrency: 10 });
  scheduler.setEndpoints(endpoints(100));
  scheduler.start();
  clock.advance(6000);
  const seen = reports.length;
  clock.stall(30_000);
  clock.advance(1500);
  t.equal(new Set(reports.slice(seen).map(({ endpointId }) => endpointId)).size, 100);
  t.ok(peak() <= 10);
  t.end();
});

t.test('Scheduler probes at once what a sentinel has lost, and once more when a probe is running then', (t) => {
  const { clock, scheduler, reports, lose, watched } = setup({ takesMs: () => 50 });
  const [endpoint] = endpoints(1, { sentinel: true });
  if (endpoint === undefined) throw new Error('none');
  scheduler.setEndpoints([endpoint]);
  scheduler.start();
  clock.advance(1500);
  const seen = reports.length;
  lose.get(endpoint.id)?.();
  clock.advance(10);
  lose.get(endpoint.id)?.();
  clock.advance(200);
  t.match(reports.slice(seen), [
    { trigger: 'sentinel', startedAtMs: 1500 },
    { trigger: 'sentinel', startedAtMs: 1550 },
  ]);
  scheduler.setEndpoints([]);
  t.same(watched, [...Array(seen + 2).fill(`${endpoint.id} pass`), `${endpoint.id} closed`]);
  lose.get(endpoint.id)?.();
  clock.advance(1000);
  t.equal(reports.length, seen + 2, 'an endpoint that went is not probed');
  t.end();
});
