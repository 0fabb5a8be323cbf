/** From the decision to the answer at each secondary that is installed here: `node bench/secondaries.ts [pauseMs]`. */
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnerName } from '../src/core/name.ts';
import { startPrimary } from '../test/helpers/primary.ts';
import { addressOf, freePort, KEY, missing, type Software, startSecondary } from '../test/helpers/secondaries.ts';

const FLIPS = 20;
/** Between an answer and the next transition. */
const PAUSE_MS = Number(process.argv[2] ?? 1500);
const ZONE = 'app.example.com';
const ADDRESSES = { primary: '192.0.2.1', backup: '192.0.2.2' };

function configOf(port: number, secondary: { readonly address: string; readonly port: number }): string {
  return `
listen: ["127.0.0.1:${port}"]
zones:
  ${ZONE}:
    nameservers: {ns1.example.net: , ns2.example.net: }
    secondaries: [{address: ${secondary.address}, port: ${secondary.port}, key: ${KEY.name}}]
    records:
      "@": {ttl: 2s, primary: ${ADDRESSES.primary}, backup: ${ADDRESSES.backup}, check: {tcp: 80}}
keys:
  ${KEY.name}: {algorithm: ${KEY.algorithm}, secret: ${KEY.secret}}
`;
}

/** Asks without a pause until the answer is this one. @returns how long that took, in milliseconds. */
async function until(resolver: Resolver, expected: string): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    const [answer] = await resolver.resolve4(ZONE).catch(() => []);
    const elapsedMs = performance.now() - startMs;
    if (answer === expected) return elapsedMs;
    if (elapsedMs > 20_000) throw new Error(`it answers ${answer}, not ${expected}`);
    await sleep(1);
  }
}

async function measure(software: Software): Promise<readonly number[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'failoverd-'));
  const primaryAt = { zone: ZONE, address: '127.0.0.1', port: await freePort('127.0.0.1') };
  const at = { address: addressOf(software), port: await freePort(addressOf(software)) };
  const primary = await startPrimary(directory, configOf(primaryAt.port, at));
  const secondary = startSecondary(software, directory, at.port, primaryAt);
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`${at.address}:${at.port}`]);
  try {
    await until(resolver, ADDRESSES.primary);
    const tookMs: number[] = [];
    for (let i = 0; i < FLIPS; i++) {
      await sleep(PAUSE_MS);
      const target = i % 2 === 0 ? 'backup' : 'primary';
      primary.flip(`${ZONE}.` as OwnerName, target);
      tookMs.push(await until(resolver, ADDRESSES[target]));
    }
    return tookMs.toSorted((a, b) => a - b);
  } finally {
    await secondary.stop();
    await primary.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

for (const software of ['bind', 'knot', 'nsd', 'powerdns'] as const) {
  const why = missing(software);
  if (why !== null) {
    console.log(`${software}: skipped, ${why}`);
    continue;
  }
  const tookMs = await measure(software);
  const p50 = tookMs[Math.floor(tookMs.length / 2)] ?? 0;
  console.log(`${software}: ${FLIPS} transitions, p50 ${p50.toFixed(0)} ms, max ${(tookMs.at(-1) ?? 0).toFixed(0)} ms`);
}
