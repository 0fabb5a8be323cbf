import { createServer, type Server, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Test } from 'tap';
import type { EndpointSpec, HttpCheck, TcpCheck } from '../../src/core/check.ts';
import type { ProbeReport } from '../../src/core/outcome.ts';
import { probeOnce } from '../../src/probe/prober.ts';
import type { Clock, Log } from '../../src/runtime/ports.ts';

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

const BASE = {
  intervalMs: 5000,
  timeoutMs: 1000,
  confirmMs: 1000,
  fall: 3,
  rise: 3,
  sourceAddress: null,
  sentinel: false,
};

export function httpEndpoint(url: string, check: Partial<HttpCheck> = {}, address = '127.0.0.1'): EndpointSpec {
  return {
    id: `${address} ${url}`,
    address,
    family: address.includes(':') ? 6 : 4,
    check: {
      ...BASE,
      kind: 'http',
      url,
      port: null,
      host: null,
      method: 'GET',
      headers: {},
      expectStatus: [{ from: 200, to: 299 }],
      expectBody: null,
      maxBodyBytes: 65536,
      tls: { verify: true, serverName: null, ca: null, cert: null, key: null },
      ...check,
    },
  };
}

export function tcpEndpoint(port: number, check: Partial<TcpCheck> = {}, address = '127.0.0.1'): EndpointSpec {
  return {
    id: `${address} tcp:${port}`,
    address,
    family: address.includes(':') ? 6 : 4,
    check: { ...BASE, kind: 'tcp', port, greeting: null, maxBodyBytes: 65536, ...check },
  };
}

export function portOf(server: Server): number {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening on a port');
  return bound.port;
}

/** Listens on a free port until the test ends, and closes what it accepted. */
export async function listen<T extends Server>(t: Test, server: T, host = '127.0.0.1'): Promise<number> {
  const accepted = new Set<Socket>();
  server.on('connection', (socket) => {
    accepted.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => accepted.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, host, resolve));
  t.teardown(async () => {
    for (const socket of accepted) socket.destroy();
    await new Promise((resolve) => void server.close(resolve));
  });
  return portOf(server);
}

/** A server that does with each connection what is wanted of it. */
export function rawServer(t: Test, onConnection: (socket: Socket) => void): Promise<number> {
  return listen(t, createServer(onConnection));
}

/** Answers each connection's first bytes with these, and goes on or ends. */
export function replying(t: Test, reply: string, then: 'end' | 'stay' = 'stay'): Promise<number> {
  return rawServer(t, (socket) => {
    socket.once('data', () => (then === 'end' ? socket.end(reply) : socket.write(reply)));
  });
}

/** Makes one attempt, and says whether it kept within its timeout and 50 ms, as far as the machine let this process run. */
export async function probeInTime(t: Test, endpoint: EndpointSpec): Promise<ProbeReport> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const report = await probeOnce(endpoint, systemClock, '0');
  delay.disable();
  const heldMs = delay.max / 1e6;
  const graceMs = heldMs > 50 ? 250 : 0;
  const limitMs = endpoint.check.timeoutMs + 50 + graceMs + 2 * heldMs;
  t.ok(report.elapsedMs <= limitMs, `in time: ${report.elapsedMs} ms, at most ${limitMs}`);
  return report;
}
