/**
 * BIND, Knot DNS, NSD and PowerDNS as secondaries, each as a process with the config of docs/scale-out.md: they transfer the
 * zone, hear of every flip, serve the new address, and go on when failoverd is gone.
 */
import { execFile, spawnSync } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import { startBackend } from '../helpers/backend.ts';
import { startPrimary } from '../helpers/primary.ts';
import {
  addressOf,
  freePort,
  KEY,
  missing,
  type Secondary,
  type Software,
  startSecondary,
} from '../helpers/secondaries.ts';
import { serve } from '../helpers/serve.ts';

const ZONE = 'app.example.com';
const RECORD = `${ZONE}.` as OwnerName;
const ADDRESSES = { primary: '192.0.2.1', backup: '192.0.2.2' };

interface Place {
  readonly address: string;
  readonly port: number;
}

function configOf(port: number, secondaries: readonly Place[]): string {
  const entries = secondaries.map(({ address, port }) => `{address: ${address}, port: ${port}, key: ${KEY.name}}`);
  return `
listen: ["127.0.0.1:${port}"]
zones:
  ${ZONE}:
    nameservers: {ns1.example.net: , ns2.example.net: }   # a hidden primary: only the secondaries are known
    secondaries: [${entries.join(', ')}]
    records:
      "@": {ttl: 2s, primary: ${ADDRESSES.primary}, backup: ${ADDRESSES.backup}, check: {tcp: 80}}
keys:
  ${KEY.name}: {algorithm: ${KEY.algorithm}, secret: ${KEY.secret}}
`;
}

async function answerOf({ address, port }: Place): Promise<string> {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  resolver.setServers([`${address}:${port}`]);
  const found = await resolver.resolve4(ZONE).catch(() => []);
  return found.join(' ');
}

async function serialOf({ address, port }: Place): Promise<number> {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  resolver.setServers([`${address}:${port}`]);
  return (await resolver.resolveSoa(ZONE)).serial;
}

/** @returns how long it took, in milliseconds. */
async function until(place: Place, expected: string): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    const answer = await answerOf(place);
    const elapsedMs = performance.now() - startMs;
    if (answer === expected) return elapsedMs;
    if (elapsedMs > 60_000) throw new Error(`${place.address}:${place.port} answers "${answer}", not "${expected}"`);
    await sleep(5);
  }
}

for (const software of ['bind', 'knot', 'nsd', 'powerdns'] as const satisfies readonly Software[]) {
  const why = missing(software);
  t.test(
    `${software}: first transfer, flips, 1,000 flips, an outage of failoverd`,
    { skip: why ?? false },
    async (t) => {
      const directory = t.testdir();
      const apart = mkdtempSync(path.join(tmpdir(), 'failoverd-')); // the names of sockets in it must be short
      t.teardown(() => rmSync(apart, { recursive: true, force: true }));
      const at = { zone: ZONE, address: '127.0.0.1', port: await freePort('127.0.0.1') };
      const place = { address: addressOf(software), port: await freePort(addressOf(software)) };
      const config = configOf(at.port, [place]);
      let primary = await startPrimary(directory, config);
      t.teardown(() => primary.stop());
      const secondary: Secondary = startSecondary(software, apart, place.port, at);
      t.teardown(() => secondary.stop());
      await until(place, ADDRESSES.primary);

      for (const target of ['backup', 'primary', 'backup'] as const) {
        primary.flip(RECORD, target);
        const tookMs = await until(place, ADDRESSES[target]);
        t.comment(`${software}: ${target} after ${Math.round(tookMs)} ms`);
      }

      for (let i = 0; i < 1000; i++) primary.flip(RECORD, i % 2 === 0 ? 'primary' : 'backup');
      primary.flip(RECORD, 'primary');
      await primary.engine.publisher.settled();
      const [last] = primary.engine.publisher.serials();
      await primary.following();
      t.equal(await answerOf(place), ADDRESSES.primary);
      t.equal(await serialOf(place), last?.serial);

      await primary.stop();
      t.equal(await answerOf(place), ADDRESSES.primary, 'it goes on without failoverd');
      primary = await startPrimary(directory, config);
      await primary.following();
      const serial = await serialOf(place);
      t.ok(last && serial > last.serial, 'the serial has grown');
      primary.flip(RECORD, 'backup');
      await until(place, ADDRESSES.backup);
    },
  );
}

const run = promisify(execFile);
const has = (binary: string): boolean => spawnSync('sh', ['-c', `command -v ${binary}`]).status === 0;
const TOOLS = ['dig', 'kdig', 'ldns-notify', 'named-checkzone'];
const absent = TOOLS.filter((tool) => !has(tool));

t.test(
  'dig, kdig, ldns-notify and named-checkzone, with the right key and with wrong ones',
  {
    skip: absent.length > 0 ? `not installed: ${absent.join(', ')}` : false,
  },
  async (t) => {
    const port = await freePort('127.0.0.1');
    const directory = t.testdir();
    const primary = await startPrimary(directory, configOf(port, [{ address: '127.0.0.2', port: 9 }]));
    t.teardown(() => primary.stop());
    const key = `${KEY.algorithm}:${KEY.name}:${KEY.secret}`;
    const at = ['@127.0.0.1', '-p', `${port}`, '-b', '127.0.0.2'];
    const dig = async (...args: readonly string[]): Promise<string> => (await run('dig', [...at, ...args])).stdout;
    const first = primary.engine.publisher.serials()[0]?.serial ?? 0;
    primary.flip(RECORD, 'backup');
    await primary.engine.publisher.settled();

    const whole = await dig('-y', key, '+onesoa', ZONE, 'AXFR');
    t.match(whole, /app\.example\.com\.\s+2\s+IN\s+A\s+192\.0\.2\.2\n/);
    t.match(whole, /TSIG\s+hmac-sha256\. \d+ 300 32/);
    const file = path.join(directory, 'zone.db');
    writeFileSync(file, whole.replace(/^.*TSIG.*$/gm, ''));
    t.match((await run('named-checkzone', [ZONE, file])).stdout, /OK\n$/);

    const difference = await dig('-y', key, ZONE, `IXFR=${first}`);
    t.equal(difference.match(/IN\s+SOA/g)?.length, 4);
    t.match(difference, /IN\s+A\s+192\.0\.2\.1\n[\s\S]*IN\s+A\s+192\.0\.2\.2\n/);
    const kdig = await run('kdig', [...at, '-y', key, `IXFR=${first}`, ZONE]);
    t.match(kdig.stdout, /192\.0\.2\.2/);
    t.match(await dig('-y', key, '+notcp', ZONE, `IXFR=${first}`), /192\.0\.2\.2/, 'over UDP');

    const failed = /Transfer failed/;
    t.match(await dig(ZONE, 'AXFR'), failed, 'unsigned');
    t.match(await dig('-y', `${KEY.algorithm}:other:${KEY.secret}`, ZONE, 'AXFR').catch(textOf), failed, 'BADKEY');
    const wrong = Buffer.alloc(32, 1).toString('base64');
    t.match(await dig('-y', `${KEY.algorithm}:${KEY.name}:${wrong}`, ZONE, 'AXFR').catch(textOf), failed, 'BADSIG');
    const foreign = ['@127.0.0.1', '-p', `${port}`, '-b', '127.0.0.3', '-y', key, ZONE, 'AXFR'];
    t.match((await run('dig', foreign)).stdout, failed, 'a foreign address');

    const notify = await run('ldns-notify', ['-p', `${port}`, '-r', '1', '-z', ZONE, '127.0.0.1']).catch(textOf);
    t.match(typeof notify === 'string' ? notify : notify.stdout, /NOTAUTH/, 'nobody is a primary for us');
  },
);

function textOf(error: unknown): string {
  const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
  return stdout + stderr;
}

const KNOT = missing('knot');

t.test(
  'kill -9 of failoverd: the secondary goes on; with failoverd back it follows again, with a higher serial',
  {
    skip: KNOT ?? false,
  },
  async (t) => {
    const [primary, backup] = [await startBackend('127.0.0.23'), await startBackend('127.0.0.24')];
    t.teardown(() => Promise.all([primary.kill(), backup.kill()]));
    const at = { zone: ZONE, address: '127.0.0.1', port: await freePort('127.0.0.1') };
    const place = { address: addressOf('knot'), port: await freePort(addressOf('knot')) };
    const [ADDRESS, OTHER] = ['127.0.0.23', '127.0.0.24'];
    const config = `${configOf(at.port, [place]).replace(ADDRESSES.primary, ADDRESS).replace(ADDRESSES.backup, OTHER)}
admin: {listen: "127.0.0.1:0"}
`.replace(
      'check: {tcp: 80}',
      `check: {url: "http://${ZONE}:${primary.port}/", interval: 1s, timeout: 500ms, confirm: 200ms}`,
    );
    const directory = t.testdir();
    const first = await serve(directory, config);
    const apart = mkdtempSync(path.join(tmpdir(), 'failoverd-'));
    const secondary = startSecondary('knot', apart, place.port, at);
    t.teardown(async () => {
      await secondary.stop();
      rmSync(apart, { recursive: true, force: true });
    });
    await until(place, ADDRESS);
    const before = await serialOf(place);
    t.equal(await first.stop('SIGKILL'), 'SIGKILL');
    t.equal(await answerOf(place), ADDRESS);
    const second = await serve(directory, config);
    t.teardown(() => second.stop());
    const deadlineMs = performance.now() + 60_000;
    while ((await serialOf(place)) === before && performance.now() < deadlineMs) await sleep(20);
    t.ok((await serialOf(place)) > before);
    t.equal(await answerOf(place), ADDRESS);
    t.match(secondary.lines.join(''), /IXFR, incoming.*finished/, 'only the SOA was sent');
  },
);
