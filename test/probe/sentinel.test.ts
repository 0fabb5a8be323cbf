import { EventEmitter } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import t, { type Test } from 'tap';
import type { EndpointSpec } from '../../src/core/check.ts';
import type { Outcome, ProbeReport } from '../../src/core/outcome.ts';
import { createProber } from '../../src/probe/prober.ts';
import { Sentinel } from '../../src/probe/sentinel.ts';
import { makeCertificates } from './certificates.ts';
import { FakeClock } from './fake-clock.ts';
import { httpEndpoint, listen, rawServer, silentLog, systemClock, tcpEndpoint } from './helpers.ts';

const PASS: Outcome = { outcome: 'pass' };
const FAIL: Outcome = { outcome: 'fail', reason: 'refused', phase: 'connect', detail: 'ECONNREFUSED' };
const LATE: Outcome = { outcome: 'inconclusive', reason: 'late', detail: '' };
const INTERVAL_MS = 5000;

class FakeSocket extends EventEmitter {
  destroyed = false;
  open = () => {};
  setKeepAlive() {}
  destroy() {
    this.destroyed = true;
    this.emit('close');
  }
}

/** A sentinel on a fake clock, over sockets that do what they are told. */
function setup() {
  const clock = new FakeClock();
  const opened: FakeSocket[] = [];
  const sockets = new Set<Socket>();
  let losses = 0;
  const open = (onOpen: () => void) => {
    const socket = new FakeSocket();
    socket.open = onOpen;
    opened.push(socket);
    return socket as unknown as Socket;
  };
  const sentinel = new Sentinel({ clock, sockets }, tcpEndpoint(1), open, () => losses++);
  /** The connection opens, and the server ends it so much later. */
  const lastFor = (ms: number) => {
    opened.at(-1)?.open();
    clock.advance(ms);
    opened.at(-1)?.emit('end');
  };
  return { clock, opened, sockets, sentinel, lastFor, losses: () => losses };
}

t.test('Sentinel opens one connection after a probe that passed', (t) => {
  const { sentinel, opened } = setup();
  sentinel.probed(FAIL);
  sentinel.probed(LATE);
  t.equal(opened.length, 0);
  for (let probe = 0; probe < 3; probe++) sentinel.probed(PASS);
  t.equal(opened.length, 1);
  t.end();
});

for (const event of ['end', 'error', 'close']) {
  t.test(`Sentinel tells once of a connection that was lost by ${event}`, (t) => {
    const { sentinel, opened, losses, sockets } = setup();
    sentinel.probed(PASS);
    opened[0]?.open();
    opened[0]?.emit(event, new Error('lost'));
    opened[0]?.emit('close');
    t.equal(losses(), 1);
    t.ok(opened[0]?.destroyed);
    t.equal(sockets.size, 0);
    t.end();
  });
}

t.test('Sentinel says nothing of a connection that never opened', (t) => {
  const { sentinel, opened, losses, clock } = setup();
  sentinel.probed(PASS);
  opened[0]?.emit('error', new Error('refused'));
  sentinel.probed(PASS);
  clock.advance(1000);
  t.ok(opened[1]?.destroyed, 'given up after the timeout of the check');
  t.equal(losses(), 0);
  t.equal(clock.timers, 0);
  t.end();
});

t.test('Sentinel renews the connection before the server ends it by habit', (t) => {
  const { sentinel, opened, losses, lastFor, clock } = setup();
  sentinel.probed(PASS);
  lastFor(60_000);
  t.equal(losses(), 1);
  sentinel.probed(PASS);
  t.equal(opened.length, 2, 'and opens again at once');
  opened[1]?.open();
  clock.advance(48_000);
  t.ok(opened[1]?.destroyed);
  t.equal(opened.length, 3);
  t.equal(losses(), 1, 'without a word');
  t.end();
});

t.test('Sentinel learns nothing from the end of a server that died', (t) => {
  const { sentinel, opened, lastFor, clock } = setup();
  sentinel.probed(PASS);
  lastFor(60_000);
  sentinel.probed(FAIL);
  sentinel.probed(FAIL);
  sentinel.probed(PASS);
  opened[1]?.open();
  clock.advance(600_000);
  t.notOk(opened[1]?.destroyed);
  t.end();
});

t.test(
  'Sentinel backs off, twice as long each time, where a server ends what is idle for less than the interval',
  (t) => {
    const { sentinel, opened, lastFor, clock } = setup();
    const pauses: number[] = [];
    for (let round = 0; round < 8; round++) {
      sentinel.probed(PASS);
      lastFor(2000);
      const before = opened.length;
      const lostAtMs = clock.nowMs();
      sentinel.probed(PASS);
      while (opened.length === before) {
        clock.advance(INTERVAL_MS);
        sentinel.probed(PASS);
      }
      pauses.push((clock.nowMs() - lostAtMs) / 1000);
    }
    t.same(pauses, [10, 20, 40, 80, 160, 300, 300, 300]);
    lastFor(20_000);
    const before = opened.length;
    sentinel.probed(PASS);
    t.equal(opened.length, before + 1, 'no longer, once one has lasted');
    t.end();
  },
);

t.test('Sentinel.close() ends the connection and all timers without telling', (t) => {
  const { sentinel, opened, losses, clock, sockets } = setup();
  sentinel.probed(PASS);
  opened[0]?.open();
  sentinel.close();
  sentinel.probed(PASS);
  t.ok(opened[0]?.destroyed);
  t.equal(opened.length, 1);
  t.equal(losses(), 0);
  t.equal(clock.timers, 0);
  t.equal(sockets.size, 0);
  t.end();
});

/** Runs a prober with a sentinel until the server that it watches has gone; gives the report that told of it. */
async function watchDeath(t: Test, endpoint: EndpointSpec, whenWatching: Promise<unknown>, die: () => void) {
  const lost = Promise.withResolvers<ProbeReport>();
  const prober = createProber({
    clock: systemClock,
    random: Math.random,
    settings: { concurrency: 10, witnesses: [], blindWhen: 2 },
    onSight: () => {},
    version: '0',
    log: silentLog,
    onReport: (report) => {
      if (report.trigger === 'sentinel') lost.resolve(report);
      return 'interval';
    },
  });
  t.teardown(() => prober.stop());
  prober.setEndpoints([{ ...endpoint, check: { ...endpoint.check, sentinel: true, intervalMs: 60_000 } }]);
  prober.start();
  prober.probeNow(endpoint.id);
  await whenWatching;
  await pause(50); // Accepted there is not yet connected here.
  const diedAtMs = performance.now();
  die();
  const report = await lost.promise;
  return { report, seenAfterMs: report.startedAtMs + report.elapsedMs - diedAtMs };
}

t.test('createProber() with a sentinel sees a server die at once, whatever the interval', async (t) => {
  const accepted: Socket[] = [];
  const second = Promise.withResolvers<void>();
  const port = await rawServer(t, (socket) => {
    accepted.push(socket);
    if (accepted.length === 2) second.resolve();
  });
  const { report, seenAfterMs } = await watchDeath(t, tcpEndpoint(port), second.promise, () => {
    for (const socket of accepted) socket.resetAndDestroy();
  });
  t.same(report.outcome, PASS, 'only the connection died: a closed sentinel alone decides nothing');
  t.ok(seenAfterMs < 5000, `${seenAfterMs} ms, with an interval of 60 s`);
});

t.test('createProber() with a sentinel sees an HTTP server go', async (t) => {
  const second = Promise.withResolvers<void>();
  const server = createHttpServer((_request, response) => response.end());
  let connections = 0;
  server.on('connection', () => ++connections === 2 && second.resolve());
  const port = await listen(t, server);
  const endpoint = httpEndpoint(`http://app.example.com:${port}/`);
  const { report } = await watchDeath(t, endpoint, second.promise, () => {
    server.close();
    server.closeAllConnections();
  });
  t.match(report.outcome, { outcome: 'fail', reason: 'refused' });
});

t.test('createProber() keeps its idle connection to an HTTPS server in TLS', async (t) => {
  const { valid, ca } = makeCertificates();
  const second = Promise.withResolvers<void>();
  let handshakes = 0;
  const server = createTlsServer(valid, (socket) => {
    if (++handshakes === 2) second.resolve();
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
    server.once('die', () => socket.destroy());
  });
  const port = await listen(t, server);
  const tls = { verify: true, serverName: null, ca, cert: null, key: null };
  const endpoint = httpEndpoint(`https://app.example.com:${port}/`, { tls });
  const { report } = await watchDeath(t, endpoint, second.promise, () => server.emit('die'));
  t.same(report.outcome, PASS);
});
