/** Real secondaries that sign with SHA-384 and SHA-512: the first transfer, and a flip that they are told of. */
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import { startPrimary } from '../helpers/primary.ts';
import { addressOf, freePort, KEY, missing, startSecondary } from '../helpers/secondaries.ts';

const ZONE = 'app.example.com';
const ADDRESSES = { primary: '192.0.2.1', backup: '192.0.2.2' };

async function until(address: string, port: number, expected: string): Promise<void> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`${address}:${port}`]);
  for (const startMs = performance.now(); ; await sleep(10)) {
    const [answer] = await resolver.resolve4(ZONE).catch(() => []);
    if (answer === expected) return;
    if (performance.now() - startMs > 60_000) throw new Error(`it answers ${answer}, not ${expected}`);
  }
}

for (const software of ['bind', 'knot', 'nsd', 'powerdns'] as const) {
  for (const algorithm of ['hmac-sha384', 'hmac-sha512']) {
    t.test(`${software} with ${algorithm} (RFC 8945 §6)`, { skip: missing(software) ?? false }, async (t) => {
      const apart = mkdtempSync(path.join(tmpdir(), 'failoverd-')); // the names of sockets in it must be short
      t.teardown(() => rmSync(apart, { recursive: true, force: true }));
      const [address, port] = [addressOf(software), await freePort(addressOf(software))];
      const at = { zone: ZONE, address: '127.0.0.1', port: await freePort('127.0.0.1') };
      const primary = await startPrimary(
        t.testdir(),
        `
listen: ["127.0.0.1:${at.port}"]
zones:
  ${ZONE}:
    nameservers: {ns1.example.net: , ns2.example.net: }
    secondaries: [{address: ${address}, port: ${port}, key: ${KEY.name}}]
    records:
      "@": {ttl: 2s, primary: ${ADDRESSES.primary}, backup: ${ADDRESSES.backup}, check: {tcp: 80}}
keys:
  ${KEY.name}: {algorithm: ${algorithm}, secret: ${KEY.secret}}
`,
      );
      t.teardown(() => primary.stop());
      const secondary = startSecondary(software, apart, port, at, { algorithm });
      t.teardown(() => secondary.stop());
      await until(address, port, ADDRESSES.primary);
      primary.flip(`${ZONE}.` as OwnerName, 'backup');
      await until(address, port, ADDRESSES.backup);
      t.equal(secondary.process.exitCode, null, 'it runs');
    });
  }
}
