import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import t, { type Test } from 'tap';
import type { HttpCheck } from '../../src/core/check.ts';
import { certificateDemander, makeCertificates } from './certificates.ts';
import { fullBacklog } from './full-backlog.ts';
import { httpEndpoint, listen, probeInTime, rawServer, replying } from './helpers.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const TIMEOUT_MS = 300;
/** For what does not wait for it, on a busy machine too. */
const AMPLE_MS = 5000;
const certificates = makeCertificates();
const TRUSTING = { verify: true, serverName: null, ca: certificates.ca, cert: null, key: null };

interface Fault {
  readonly name: string;
  /** Makes the server; gives its port. */
  readonly server: (t: Test) => Promise<number>;
  readonly scheme?: 'https';
  readonly check?: Partial<HttpCheck>;
  readonly address?: string;
  readonly outcome: object;
  readonly report?: object;
}

const http = (listener: RequestListener) => (t: Test) => listen(t, createServer(listener));

const https = (options: TlsOptions) => (t: Test) =>
  listen(
    t,
    createTlsServer(options, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(`${OK}Content-Length: 4\r\n\r\nfine`));
    }).on('tlsClientError', () => {}),
  );

const PASS = { outcome: 'pass' };
const fail = (reason: string, phase: string, detail: string | RegExp) => ({ outcome: 'fail', reason, phase, detail });
const timeout = (phase: string) => fail('timeout', phase, 'no answer within 0.3 s');

const FAULTS: readonly Fault[] = [
  { name: 'nobody listens', server: async () => 1, outcome: fail('refused', 'connect', 'ECONNREFUSED') },
  { name: 'the SYN is dropped', server: fullBacklog, outcome: timeout('connect') },
  {
    name: 'a reset instead of an answer',
    server: (t) => rawServer(t, (socket) => socket.once('data', () => socket.resetAndDestroy())),
    outcome: fail('reset', 'headers', 'ECONNRESET'),
  },
  {
    name: 'a reset at once',
    server: (t) => rawServer(t, (socket) => socket.resetAndDestroy()),
    outcome: { outcome: 'fail', reason: 'reset' },
  },
  {
    name: 'a close instead of an answer',
    server: (t) => rawServer(t, (socket) => socket.once('data', () => socket.end())),
    outcome: fail('reset', 'headers', 'closed before the whole answer'),
  },
  { name: 'silence in TLS', server: (t) => rawServer(t, () => {}), scheme: 'https', outcome: timeout('tls') },
  { name: 'silence after the request', server: (t) => rawServer(t, () => {}), outcome: timeout('headers') },
  {
    name: 'silence in the headers',
    server: (t) => replying(t, `${OK}Content-Le`),
    outcome: timeout('headers'),
  },
  {
    name: 'silence in the body',
    server: (t) => replying(t, `${OK}Content-Length: 10\r\n\r\n12345`),
    outcome: timeout('body'),
    report: { status: 200, bodySample: '12345' },
  },
  {
    name: 'one byte at a time',
    server: http((_request, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(timer));
    }),
    outcome: timeout('body'),
  },
  {
    name: 'one byte of the headers at a time',
    server: (t) =>
      rawServer(t, (socket) => {
        const timer = setInterval(() => socket.write('H'), 20);
        socket.once('close', () => clearInterval(timer));
      }),
    outcome: fail('protocol', 'headers', /Expected HTTP/),
  },
  {
    name: 'an endless body, without an expectation',
    server: http((_request, response) => {
      const more = () => {
        while (response.write('x'.repeat(10_000)));
        response.once('drain', more);
      };
      more();
    }),
    outcome: PASS,
  },
  {
    name: 'an endless body that should say something',
    server: http((_request, response) => {
      const more = () => {
        while (response.write('x'.repeat(10_000)));
        response.once('drain', more);
      };
      more();
    }),
    check: { expectBody: { kind: 'text', text: 'fine' }, maxBodyBytes: 100_000 },
    outcome: fail('body', 'body', 'expected text not in 100000 bytes'),
  },
  {
    name: 'what is expected beyond the cap',
    server: http((_request, response) => response.end(`${'x'.repeat(100)}fine`)),
    check: { expectBody: { kind: 'text', text: 'fine' }, maxBodyBytes: 102 },
    outcome: fail('body', 'body', 'expected text not in 102 bytes'),
    report: { bodySample: `${'x'.repeat(100)}fi` },
  },
  {
    name: 'another body than expected',
    server: http((_request, response) => response.end('status: bad')),
    check: { expectBody: { kind: 'pattern', source: 'STATUS: (ok|up)', flags: 'i' } },
    outcome: fail('body', 'body', 'pattern not in 11 bytes'),
    report: { bodySample: 'status: bad', bodySha256: /^[0-9a-f]{64}$/ },
  },
  {
    name: 'the body expected',
    server: http((_request, response) => response.end('status: up')),
    check: { expectBody: { kind: 'pattern', source: 'STATUS: (ok|up)', flags: 'i' } },
    outcome: PASS,
  },
  {
    name: 'an early close in the body',
    server: (t) => replying(t, `${OK}Content-Length: 10\r\n\r\n12345`, 'end'),
    outcome: fail('reset', 'body', 'closed before the whole answer'),
  },
  {
    name: 'an early close in a chunked body',
    server: (t) => replying(t, `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n`, 'end'),
    outcome: fail('reset', 'body', 'closed before the whole answer'),
  },
  {
    name: 'an early close in a chunked body after which nothing was to follow',
    server: (t) => replying(t, `${OK}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n`, 'end'),
    outcome: fail('reset', 'body', 'closed before the whole answer'),
  },
  {
    name: 'a broken chunk',
    server: (t) => replying(t, `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\n12345no`),
    outcome: fail('protocol', 'body', /^Response does not match/),
  },
  {
    name: 'a body that ends with the connection',
    server: (t) => replying(t, `${OK}\r\nfine`, 'end'),
    check: { expectBody: { kind: 'text', text: 'fine' } },
    outcome: PASS,
  },
  {
    name: 'a redirect to itself, which is not followed',
    server: http((_request, response) => response.writeHead(302, { location: '/' }).end()),
    outcome: fail('status', 'headers', '302'),
  },
  {
    name: 'a bad status before a body that never ends',
    server: (t) => replying(t, 'HTTP/1.1 500 Oops\r\nContent-Length: 10\r\n\r\n12345'),
    outcome: fail('status', 'headers', '500'),
    report: { bodySample: '12345' },
  },
  {
    name: 'HTTP/0.9 garbage',
    server: (t) => replying(t, '<html>hello</html>\n', 'end'),
    outcome: fail('protocol', 'headers', /Expected HTTP/),
  },
  {
    name: '10 MB of headers',
    server: (t) => replying(t, `${OK}${`x-filler: ${'y'.repeat(1000)}\r\n`.repeat(10_000)}`),
    outcome: fail('protocol', 'headers', 'UND_ERR_HEADERS_OVERFLOW'),
  },
  {
    name: 'a switch of protocols that nobody asked for',
    server: (t) => replying(t, 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\n'),
    outcome: fail('protocol', 'headers', 'bad upgrade'),
  },
  {
    name: 'early hints before the answer',
    server: (t) => replying(t, `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${OK}Content-Length: 0\r\n\r\n`),
    outcome: PASS,
    report: { status: 200 },
  },
  { name: '204 without a body', server: http((_request, response) => response.writeHead(204).end()), outcome: PASS },
  {
    name: '304 without a body, allowed',
    server: http((_request, response) => response.writeHead(304).end()),
    check: {
      expectStatus: [
        { from: 200, to: 200 },
        { from: 300, to: 304 },
      ],
    },
    outcome: PASS,
  },
  {
    name: 'HEAD',
    server: http((_request, response) => response.writeHead(200, { 'content-length': 100 }).end()),
    check: { method: 'HEAD' },
    outcome: PASS,
  },
  {
    name: 'a chunked body',
    server: http((_request, response) => {
      response.write('fi');
      setImmediate(() => response.end('ne'));
    }),
    check: { expectBody: { kind: 'text', text: 'fine' } },
    outcome: PASS,
  },
  {
    name: 'a compressed body, which is judged as it comes',
    server: http((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip at all: fine'),
    ),
    check: { expectBody: { kind: 'text', text: 'fine' } },
    outcome: PASS,
  },
  {
    name: 'IPv6',
    server: (t) =>
      listen(
        t,
        createServer((_request, response) => response.end()),
        '::1',
      ),
    address: '::1',
    outcome: PASS,
  },
  {
    name: 'a source address that is not ours',
    server: http((_request, response) => response.end()),
    check: { sourceAddress: '192.0.2.1' },
    outcome: { outcome: 'inconclusive', reason: 'EADDRNOTAVAIL', detail: 'EADDRNOTAVAIL' },
  },
  {
    name: 'a certificate of an own authority',
    server: https(certificates.valid),
    scheme: 'https',
    check: { tls: TRUSTING },
    outcome: PASS,
  },
  {
    name: 'an authority nobody knows',
    server: https(certificates.valid),
    scheme: 'https',
    outcome: fail('tls', 'tls', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
  },
  {
    name: 'an authority nobody knows, unverified',
    server: https(certificates.valid),
    scheme: 'https',
    check: { tls: { ...TRUSTING, verify: false, ca: null } },
    outcome: PASS,
  },
  {
    name: 'an expired certificate',
    server: https(certificates.expired),
    scheme: 'https',
    check: { tls: TRUSTING },
    outcome: fail('tls', 'tls', 'CERT_HAS_EXPIRED'),
  },
  {
    name: 'a self-signed certificate',
    server: https(certificates.selfSigned),
    scheme: 'https',
    outcome: fail('tls', 'tls', 'DEPTH_ZERO_SELF_SIGNED_CERT'),
  },
  {
    name: 'a certificate of another name',
    server: https(certificates.valid),
    scheme: 'https',
    check: { tls: { ...TRUSTING, serverName: 'other.example.com' } },
    outcome: fail('tls', 'tls', 'ERR_TLS_CERT_ALTNAME_INVALID'),
  },
  {
    name: 'a host of another name',
    server: https(certificates.valid),
    scheme: 'https',
    check: { tls: TRUSTING, host: 'other.example.com' },
    outcome: fail('tls', 'tls', 'ERR_TLS_CERT_ALTNAME_INVALID'),
  },
  {
    name: 'a client certificate wanted and none given',
    server: (t) => certificateDemander(t, certificates),
    scheme: 'https',
    check: { tls: TRUSTING },
    outcome: fail('tls', 'headers', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
  },
  {
    name: 'a client certificate wanted and given',
    server: https({ ...certificates.valid, requestCert: true, rejectUnauthorized: true, ca: certificates.ca }),
    scheme: 'https',
    check: { tls: { ...TRUSTING, ...certificates.valid } },
    outcome: PASS,
  },
  {
    name: 'a client key that is none',
    server: https(certificates.valid),
    scheme: 'https',
    check: { tls: { ...TRUSTING, cert: 'nonsense', key: 'nonsense' } },
    outcome: fail('tls', 'connect', /^ERR_OSSL_/),
  },
  {
    name: 'plain HTTP where TLS was expected',
    server: (t) => replying(t, `${OK}\r\n`),
    scheme: 'https',
    outcome: fail('tls', 'tls', /^ERR_SSL_/),
  },
  {
    name: 'a reset in the handshake',
    server: (t) => rawServer(t, (socket) => socket.once('data', () => socket.resetAndDestroy())),
    scheme: 'https',
    outcome: fail('reset', 'tls', 'ECONNRESET'),
  },
  {
    name: 'a close in the handshake',
    server: (t) => rawServer(t, (socket) => socket.once('data', () => socket.end())),
    scheme: 'https',
    outcome: fail('reset', 'tls', 'ECONNRESET'),
  },
];

for (const { name, server, scheme = 'http', check = {}, address = '127.0.0.1', outcome, report = {} } of FAULTS) {
  t.test(`httpProbe() meets ${name}`, async (t) => {
    const port = await server(t);
    const timeoutMs = 'reason' in outcome && outcome.reason === 'timeout' ? TIMEOUT_MS : AMPLE_MS;
    const endpoint = httpEndpoint(`${scheme}://app.example.com:${port}/`, { timeoutMs, ...check }, address);
    const found = await probeInTime(t, endpoint);
    t.match(found, { outcome, ...report });
    if (outcome === PASS) t.notOk(found.bodySample, 'a pass keeps no body');
  });
}
