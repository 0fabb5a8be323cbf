import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:tls';
import t from 'tap';
import { probeOnce } from '../../src/probe/prober.ts';
import { makeCertificates } from './certificates.ts';
import { httpEndpoint, listen, probeInTime, rawServer, systemClock } from './helpers.ts';

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
  const report = await probeInTime(t, httpEndpoint(`http://app.example.com:${port}/`, { timeoutMs: 200 }));
  t.match(report.outcome, { reason: 'timeout', phase: 'headers', detail: 'no answer within 0.2 s' });
});

t.test('httpProbe() connects to the endpoint, also when the URL names another address', async (t) => {
  const port = await listen(
    t,
    createServer((request, response) => response.end(request.headers.host)),
    '127.0.0.2',
  );
  const expectBody = { kind: 'text', text: `192.0.2.10:${port}` } as const;
  const endpoint = httpEndpoint(`http://192.0.2.10:${port}/`, { expectBody }, '127.0.0.2');
  t.same((await probeOnce(endpoint, systemClock, '0')).outcome, { outcome: 'pass' });
});

t.test('httpProbe() sends what the check says', async (t) => {
  const seen: { request: IncomingMessage; from: string | undefined }[] = [];
  const port = await listen(
    t,
    createServer((request, response) => {
      seen.push({ request, from: request.socket.remoteAddress });
      response.end();
    }),
  );
  const check = {
    port,
    host: 'other.example.com',
    method: 'POST',
    headers: { 'X-Probe': 'yes', 'User-Agent': 'mine' },
    sourceAddress: '127.0.0.9',
  };
  const endpoint = httpEndpoint('http://app.example.com:8080/', check);
  t.same((await probeOnce(endpoint, systemClock, '0')).outcome, { outcome: 'pass' });
  const headers = {
    host: 'other.example.com:8080',
    'x-probe': 'yes',
    'user-agent': 'mine',
    'content-length': '0',
  };
  t.match(seen, [{ request: { method: 'POST', headers }, from: '127.0.0.9' }]);
});

t.test(
  'httpProbe() asks for the name in TLS, checks the certificate against it and reports when that ends',
  async (t) => {
    const { valid, ca } = makeCertificates();
    const names: (string | false | null)[] = [];
    const server = createTlsServer(valid, (socket) => {
      names.push(socket.servername);
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    });
    const port = await listen(t, server);
    const tls = { verify: true, serverName: null, ca, cert: null, key: null };
    const byName = httpEndpoint(`https://app.example.com:${port}/`, { tls });
    const report = await probeOnce(byName, systemClock, '0');
    t.same(report.outcome, { outcome: 'pass' });
    t.same(Object.keys(report.phasesMs), ['connect', 'tls', 'headers', 'body']);
    const days = ((report.certificateExpiresAtEpochMs ?? 0) - Date.now()) / 86_400_000;
    t.ok(days > 29 && days <= 30, `${days} days`);

    const byAddress = httpEndpoint(`https://127.0.0.1:${port}/`, { tls });
    t.same((await probeOnce(byAddress, systemClock, '0')).outcome, { outcome: 'pass' });
    const otherAddress = httpEndpoint(`https://192.0.2.1:${port}/`, { tls });
    t.match((await probeOnce(otherAddress, systemClock, '0')).outcome, { detail: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    const serverName = httpEndpoint(`https://192.0.2.1:${port}/`, { tls: { ...tls, serverName: 'app.example.com' } });
    t.same((await probeOnce(serverName, systemClock, '0')).outcome, { outcome: 'pass' });
    t.same(names, ['app.example.com', false, 'app.example.com'], 'an address is no name (RFC 6066 §3)');
  },
);
