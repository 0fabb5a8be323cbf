/**
 * Probes an address whose packets vanish, so many times: `black-hole.ts 10000`. Prints how many ended in which way, and
 * what is left of them: file descriptors above those of before, TCP sockets of this network namespace.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeOnce } from '../../src/probe/prober.ts';
import { httpEndpoint, systemClock, tcpEndpoint } from './helpers.ts';

const ADDRESS = '198.18.66.1';
const AT_ONCE = 500;
const TIMEOUT_MS = 100;

const descriptors = (): number => readdirSync('/proc/self/fd').length;
const sockets = (): number => readFileSync('/proc/self/net/tcp', 'utf8').trim().split('\n').length - 1;

const endpoints = [
  tcpEndpoint(80, { timeoutMs: TIMEOUT_MS }, ADDRESS),
  httpEndpoint('http://app.example.com/', { timeoutMs: TIMEOUT_MS }, ADDRESS),
];
const ends: Record<string, number> = {};
const before = descriptors();
let most = 0;
for (let done = 0; done < Number(process.argv[2]); done += AT_ONCE) {
  const batch = Array.from({ length: AT_ONCE }, (_, i) => endpoints[i % 2]).filter(
    (endpoint) => endpoint !== undefined,
  );
  const reports = Promise.all(batch.map((endpoint) => probeOnce(endpoint, systemClock, '0')));
  await sleep(TIMEOUT_MS / 2);
  most = Math.max(most, sockets());
  for (const { outcome } of await reports) {
    const end = outcome.outcome === 'fail' ? `${outcome.reason} ${outcome.phase}` : outcome.outcome;
    ends[end] = (ends[end] ?? 0) + 1;
  }
}
console.log(JSON.stringify({ ends, most, leaked: { descriptors: descriptors() - before, sockets: sockets() } }));
