import { createServer } from 'node:http';
import t from 'tap';
import { probeOnce } from '../../src/probe/prober.ts';
import { httpEndpoint, listen, rawServer, systemClock } from './helpers.ts';

t.test('httpProbe() passes a 200, asks as failoverd and closes the connection', async (t) => {
  const seen: object[] = [];
  const port = await listen(
    t,
    createServer((request, response) => {
      seen.push({ method: request.method, url: request.url, version: request.httpVersion, headers: request.headers });
      response.end('fine');
    }),
  );
  const report = await probeOnce(httpEndpoint(`http://app.example.com:${port}/healthz?deep=1`), systemClock, '1.2.3');
  t.same(report.outcome, { outcome: 'pass' });
  t.same(Object.keys(report.phasesMs), ['connect', 'headers', 'body']);
  t.equal(report.status, 200);
  t.same(seen, [
    {
      method: 'GET',
      url: '/healthz?deep=1',
      version: '1.1',
      headers: { host: `app.example.com:${port}`, connection: 'close', 'user-agent': 'failoverd/1.2.3' },
    },
  ]);
});

t.test('httpProbe() fails on a status outside the ranges, with the body as evidence', async (t) => {
  const port = await listen(
    t,
    createServer((_request, response) => response.writeHead(503).end('out of order')),
  );
  const report = await probeOnce(httpEndpoint(`http://app.example.com:${port}/`), systemClock, '0');
  t.match(report, {
    outcome: { outcome: 'fail', reason: 'status', phase: 'headers', detail: '503' },
    status: 503,
    bodySample: 'out of order',
  });
});

t.test('httpProbe() says refused when nobody listens', async (t) => {
  const report = await probeOnce(httpEndpoint('http://app.example.com:1/'), systemClock, '0');
  t.same(report.outcome, { outcome: 'fail', reason: 'refused', phase: 'connect', detail: 'ECONNREFUSED' });
});

t.test('httpProbe() gives up at its timeout', async (t) => {
  const port = await rawServer(t, () => {});
  const report = await probeOnce(httpEndpoint(`http://app.example.com:${port}/`, { timeoutMs: 200 }), systemClock, '0');
  t.match(report.outcome, { reason: 'timeout', phase: 'headers', detail: 'no answer within 0.2 s' });
  t.ok(report.elapsedMs < 250, `${report.elapsedMs} ms`);
});
