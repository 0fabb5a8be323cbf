import type { Socket } from 'node:net';
import t from 'tap';
import type { TcpCheck } from '../../src/core/check.ts';
import { probeOnce } from '../../src/probe/prober.ts';
import { fullBacklog } from './full-backlog.ts';
import { probeInTime, rawServer, systemClock, tcpEndpoint } from './helpers.ts';

const TIMEOUT_MS = 500;
const SMTP = { kind: 'text', text: '220 ' } as const;

interface Case {
  readonly name: string;
  readonly onConnection: (socket: Socket) => void;
  readonly greeting?: TcpCheck['greeting'];
  readonly outcome: object;
  readonly sample?: string;
}

const PASS = { outcome: 'pass' };
const CLOSED = { outcome: 'fail', reason: 'reset', phase: 'body', detail: 'closed before the whole answer' };

const CASES: readonly Case[] = [
  { name: 'passes when the server accepts', onConnection: () => {}, outcome: PASS },
  { name: 'passes when the server closes at once', onConnection: (socket) => socket.end(), outcome: PASS },
  {
    name: 'passes when the server greets as expected, in pieces',
    onConnection: (socket) => {
      socket.write('22');
      setTimeout(() => socket.write('0 mail.example.com'), 20);
    },
    greeting: SMTP,
    outcome: PASS,
  },
  {
    name: 'fails when the server says nothing',
    onConnection: () => {},
    greeting: SMTP,
    outcome: { outcome: 'fail', reason: 'timeout', phase: 'body', detail: 'no answer within 0.5 s' },
  },
  {
    name: 'fails with what the server said instead',
    onConnection: (socket) => socket.write('554 no service\r\n'),
    greeting: SMTP,
    outcome: { outcome: 'fail', reason: 'body', phase: 'body', detail: 'expected text not in 16 bytes' },
    sample: '554 no service\r\n',
  },
  {
    name: 'fails when the server says something else and closes',
    onConnection: (socket) => socket.end('554 no service\r\n'),
    greeting: { kind: 'pattern', source: '^220 ', flags: '' },
    outcome: { outcome: 'fail', reason: 'body', phase: 'body', detail: 'pattern not in 16 bytes' },
  },
  {
    name: 'fails when the server talks without end',
    onConnection: (socket) => socket.write('x'.repeat(200_000)),
    greeting: SMTP,
    outcome: { outcome: 'fail', reason: 'body', phase: 'body', detail: 'expected text not in 65536 bytes' },
  },
  {
    name: 'fails when the server closes without a greeting',
    onConnection: (socket) => socket.end(),
    greeting: SMTP,
    outcome: CLOSED,
  },
  {
    name: 'fails when the server resets',
    onConnection: (socket) => setTimeout(() => socket.resetAndDestroy(), 20),
    greeting: SMTP,
    outcome: { outcome: 'fail', reason: 'reset', phase: 'body', detail: 'ECONNRESET' },
  },
];

for (const { name, onConnection, greeting = null, outcome, sample } of CASES) {
  t.test(`tcpProbe() ${name}`, async (t) => {
    const port = await rawServer(t, onConnection);
    const report = await probeInTime(t, tcpEndpoint(port, { greeting, timeoutMs: TIMEOUT_MS }));
    t.same(report.outcome, outcome);
    if (sample !== undefined) t.equal(report.bodySample, sample);
  });
}

t.test('tcpProbe() says refused when nobody listens', async (t) => {
  const report = await probeOnce(tcpEndpoint(1), systemClock, '0');
  t.same(report.outcome, { outcome: 'fail', reason: 'refused', phase: 'connect', detail: 'ECONNREFUSED' });
});

t.test('tcpProbe() gives up on a server that does not accept', async (t) => {
  const port = await fullBacklog(t);
  const report = await probeInTime(t, tcpEndpoint(port, { timeoutMs: TIMEOUT_MS }));
  t.match(report.outcome, { reason: 'timeout', phase: 'connect' });
});

t.test('tcpProbe() probes from the source address of its own family', async (t) => {
  const seen: (string | undefined)[] = [];
  const port = await rawServer(t, (socket) => seen.push(socket.remoteAddress));
  for (const sourceAddress of ['127.0.0.77', '::1']) {
    const report = await probeOnce(tcpEndpoint(port, { sourceAddress }), systemClock, '0');
    t.same(report.outcome, PASS);
  }
  t.same(seen, ['127.0.0.77', '127.0.0.1']);
});
