/** Two failoverd as primaries of one secondary: it takes what was published last, and goes on with the one that is left. */
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import { startBackend } from '../helpers/backend.ts';
import { startPrimary } from '../helpers/primary.ts';
import { addressOf, freePort, KEY, missing, type Software, startSecondary } from '../helpers/secondaries.ts';
import { serve } from '../helpers/serve.ts';

const ZONE = 'app.example.com';
const RECORD = `${ZONE}.` as OwnerName;
const [PRIMARY, BACKUP] = ['127.0.0.33', '127.0.0.34'];
const SOFTWARE = ['bind', 'knot', 'nsd', 'powerdns'] as const satisfies readonly Software[];

type Started = Awaited<ReturnType<typeof startPrimary>>;

interface World {
  readonly configs: readonly [string, string];
  /** What the secondary answers: its serial, and the address of the record. */
  serial(): Promise<number>;
  address(): Promise<string>;
  /** Settles when `what` is so. */
  until(what: () => Promise<boolean>, why: string): Promise<void>;
}

/** A secondary with two primaries that are not there yet. */
async function startWorld(t: Test, software: Software, check: string): Promise<World> {
  const place = { address: addressOf(software), port: await freePort(addressOf(software)) };
  const [first, second] = [
    { zone: ZONE, address: '127.0.0.1', port: await freePort('127.0.0.1') },
    { address: '127.0.0.65', port: await freePort('127.0.0.65') },
  ];
  const configOf = ({ address, port }: { address: string; port: number }): string => `
listen: ["${address}:${port}"]
admin: {listen: "127.0.0.1:0"}
zones:
  ${ZONE}:
    nameservers: {ns1.example.net: , ns2.example.net: }
    secondaries: [{address: ${place.address}, port: ${place.port}, key: ${KEY.name}}]
    records:
      "@": {ttl: 2s, primary: ${PRIMARY}, backup: ${BACKUP}, check: ${check}}
keys:
  ${KEY.name}: {algorithm: ${KEY.algorithm}, secret: ${KEY.secret}}
`;
  const apart = mkdtempSync(path.join(tmpdir(), 'failoverd-'));
  const secondary = startSecondary(software, apart, place.port, first, { second });
  t.teardown(async () => {
    await secondary.stop();
    rmSync(apart, { recursive: true, force: true });
  });
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  resolver.setServers([`${place.address}:${place.port}`]);
  return {
    configs: [configOf(first), configOf(second)],
    serial: async () => (await resolver.resolveSoa(ZONE).catch(() => ({ serial: 0 }))).serial,
    address: async () => (await resolver.resolve4(ZONE).catch(() => [])).join(' '),
    async until(what, why) {
      const deadlineMs = performance.now() + 60_000;
      while (!(await what())) {
        if (performance.now() > deadlineMs) throw new Error(`${why}: not seen\n${secondary.lines.join('')}`);
        await sleep(10);
      }
    },
  };
}

function serialOf({ engine }: Started): number {
  return engine.publisher.serials()[0]?.serial ?? 0;
}

/** Settles when the clock is ahead of a serial, so that what anybody publishes then has a higher one. */
async function clockAfter(serial: number): Promise<void> {
  while (Math.floor(Date.now() / 1000) <= serial) await sleep(20);
}

for (const software of SOFTWARE) {
  const skip = missing(software) ?? false;
  t.test(`${software} behind two failoverd takes what either published last, by the clock`, { skip }, async (t) => {
    const world = await startWorld(t, software, '{tcp: 80}');
    const first = await startPrimary(t.testdir({ first: {}, second: {} }), world.configs[0]);
    t.teardown(() => first.stop());
    await world.until(async () => (await world.serial()) === serialOf(first), 'the zone of the first');
    await clockAfter(serialOf(first));
    const second = await startPrimary(path.join(t.testdirName, 'second'), world.configs[1]);
    t.teardown(() => second.stop());
    await world.until(async () => (await world.serial()) === serialOf(second), 'the zone of the second');

    for (const [one, target, address] of [
      [first, 'backup', BACKUP],
      [second, 'backup', BACKUP],
      [second, 'primary', PRIMARY],
      [first, 'primary', PRIMARY],
      [first, 'backup', BACKUP],
    ] as const) {
      await clockAfter(await world.serial());
      one.flip(RECORD, target);
      await one.engine.publisher.settled();
      await world.until(async () => (await world.serial()) === serialOf(one), `${target}, serial ${serialOf(one)}`);
      // NSD's process from before may answer once more.
      await world.until(async () => (await world.address()) === address, `${target}, ${address}`);
      t.pass(`${target}: ${address}`);
    }

    if (software !== 'nsd') return; // seconds of waiting for each
    await t.test(
      'one that publishes faster than once a second runs ahead of the clock, and of the other',
      async (t) => {
        for (const target of ['primary', 'backup', 'primary', 'backup', 'primary', 'backup'])
          first.flip(RECORD, target);
        await first.engine.publisher.settled();
        second.flip(RECORD, 'backup');
        second.flip(RECORD, 'primary');
        await second.engine.publisher.settled();
        await first.following();
        await second.following();
        t.ok(serialOf(second) < serialOf(first), 'published later, with a lower serial');
        await world.until(async () => (await world.serial()) === serialOf(first), 'the serial of the first');
        await world.until(
          async () => (await world.address()) === BACKUP,
          'though the second published the primary last',
        );
        await clockAfter(serialOf(first));
        second.flip(RECORD, 'backup');
        second.flip(RECORD, 'primary');
        await world.until(async () => (await world.address()) === PRIMARY, 'the answer of the second');
      },
    );
  });
}

t.test(
  'kill -9 of one of two failoverd: NSD follows the other; with both back, the last one',
  { skip: missing('nsd') ?? false },
  async (t) => {
    const [primary, backup] = [await startBackend(PRIMARY), await startBackend(BACKUP)];
    t.teardown(() => Promise.all([primary.kill(), backup.kill()]));
    const check = `{url: "http://${ZONE}:${primary.port}/", interval: 1s, timeout: 500ms, confirm: 200ms}`;
    const world = await startWorld(t, 'nsd', check);
    t.testdir({ first: {}, second: {} });
    const killed = await serve(path.join(t.testdirName, 'first'), world.configs[0]);
    t.teardown(() => killed.stop('SIGKILL'));
    await world.until(async () => (await world.address()) === PRIMARY, 'the zone of the first');
    await clockAfter(await world.serial());
    const other = await startPrimary(path.join(t.testdirName, 'second'), world.configs[1]);
    t.teardown(() => other.stop());
    await world.until(async () => (await world.serial()) === serialOf(other), 'the zone of the second');

    t.equal(await killed.stop('SIGKILL'), 'SIGKILL');
    t.equal(await world.address(), PRIMARY, 'it goes on answering');
    await clockAfter(serialOf(other));
    other.flip(RECORD, 'backup');
    await world.until(async () => (await world.address()) === BACKUP, 'the flip of the one that is left');
    await world.until(async () => (await world.serial()) === serialOf(other), 'the serial of the one that is left');

    await clockAfter(serialOf(other));
    const again = await serve(path.join(t.testdirName, 'first'), world.configs[0]);
    t.teardown(() => again.stop('SIGKILL'));
    await world.until(async () => (await world.serial()) > serialOf(other), 'the zone of the one that is back');
    // It decides for itself, and was the last to publish.
    await world.until(async () => (await world.address()) === PRIMARY, 'the answer of the one that is back');
  },
);
