import t from 'tap';
import type { Config } from '../../src/config/config.ts';
import { createAlarms } from '../../src/runtime/alarms.ts';
import type { SecondaryClient, SecondaryReply, SerialFact } from '../../src/runtime/ports.ts';
import { createSecondaries } from '../../src/runtime/secondaries.ts';
import { ZONE, zone } from '../helpers/engine.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const REFRESH_MS = 3600_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const NO_REPLY = { ok: false, reason: 'no reply within 2 s' } as const;

/** A secondary whose replies a test sets. */
function world() {
  const clock = createFakeClock();
  const alarms = createAlarms(clock, silent);
  const theirs: { notify: SecondaryReply<null>; serial: SecondaryReply<number>; gate: Promise<void> } = {
    notify: { ok: true, value: null },
    serial: { ok: true, value: 1 },
    gate: Promise.resolve(),
  };
  const notified: number[] = [];
  const client: SecondaryClient = {
    async notify() {
      notified.push(clock.nowMs());
      await theirs.gate;
      return theirs.notify;
    },
    serial: async () => theirs.serial,
  };
  const facts: SerialFact[] = [];
  const secondaries = createSecondaries({ clock, alarms, client, onStatus() {}, onSerial: (fact) => facts.push(fact) });
  const secondary = { address: '192.0.2.53', port: 53, key: null };
  const config = { zones: [{ ...zone(), secondaries: [secondary] }], keys: [] } as Pick<Config, 'zones' | 'keys'>;
  secondaries.configure(config);
  const startMs = clock.nowMs();
  return { clock, alarms, theirs, notified: () => notified.map((ms) => ms - startMs), secondaries, config, facts };
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

t.test('a publication is told, and the secondary asked until it serves it', async (t) => {
  const { clock, theirs, notified, secondaries } = world();
  t.match(secondaries.list(), [{ zone: 'app.example.com', address: '192.0.2.53:53', status: 'waiting', serial: null }]);
  secondaries.published(ZONE, 2);
  await settle();
  t.match(secondaries.list(), [{ status: 'behind', serial: 1, acknowledgedMs: 0, lagMs: null, problem: null }]);
  theirs.serial = { ok: true, value: 2 };
  clock.advance(20);
  await settle();
  t.match(secondaries.list(), [{ status: 'current', serial: 2, lagMs: 20 }]);
  clock.advance(REFRESH_MS);
  await settle();
  t.same(notified(), [0]);
});

t.test('what a secondary acknowledges and serves is handed on, each once', async (t) => {
  const { clock, theirs, secondaries, facts } = world();
  secondaries.published(ZONE, 2);
  await settle();
  theirs.serial = { ok: true, value: 2 };
  clock.advance(20);
  await settle();
  secondaries.published(ZONE, 3);
  await settle();
  const startMs = clock.epochMs() - 20;
  const fact = (atMs: number, event: string, serial: number) => ({
    atEpochMs: startMs + atMs,
    zone: ZONE,
    serial,
    event,
    secondary: '192.0.2.53:53',
  });
  t.same(facts, [fact(0, 'acknowledged', 2), fact(0, 'served', 1), fact(20, 'served', 2), fact(20, 'acknowledged', 3)]);
});

t.test('a NOTIFY without an acknowledgement is sent again after 1 s, 2 s, 4 s (RFC 1996 §3.6)', async (t) => {
  const { clock, theirs, notified, secondaries } = world();
  theirs.notify = NO_REPLY;
  secondaries.published(ZONE, 2);
  await settle();
  for (let i = 0; i < 8; i++) {
    clock.advance(1000);
    await settle();
  }
  t.same(notified(), [0, 1000, 3000, 7000]);
  t.match(secondaries.list(), [{ status: 'behind', problem: NO_REPLY.reason }]);
});

t.test('publications in quick succession: one NOTIFY under way, then one for the newest', async (t) => {
  const { theirs, notified, secondaries } = world();
  let open = (): void => {};
  theirs.gate = new Promise((resolve) => (open = resolve));
  theirs.serial = { ok: true, value: 2 };
  for (let serial = 2; serial <= 100; serial++) secondaries.published(ZONE, serial);
  await settle();
  t.equal(notified().length, 1);
  open();
  await settle();
  t.equal(notified().length, 2);
  t.match(secondaries.list(), [{ status: 'behind', serial: 2 }], 'what it serves is not the newest');
});

t.test('a secondary that acknowledges and does not follow is told again after 5 s', async (t) => {
  const { clock, notified, secondaries } = world();
  secondaries.published(ZONE, 2);
  for (let ms = 0; ms < 6000; ms += 20) {
    await settle();
    clock.advance(20);
  }
  t.same(notified(), [0, 5100]);
});

t.test('a secondary that is behind for more than a refresh raises an alarm until it follows', async (t) => {
  const { clock, alarms, theirs, secondaries } = world();
  secondaries.published(ZONE, 2);
  for (let ms = 0; ms <= REFRESH_MS + 20_000; ms += 10_000) {
    await settle();
    clock.advance(10_000);
  }
  await settle();
  t.match(alarms.list(), [{ name: 'secondary_behind', subject: 'app.example.com 192.0.2.53:53' }]);
  theirs.serial = { ok: true, value: 2 };
  clock.advance(10_000);
  await settle();
  t.same(alarms.list(), []);
});

t.test('configure() keeps what stays and lets go of what does not', async (t) => {
  const { clock, alarms, notified, secondaries, config } = world();
  secondaries.published(ZONE, 2);
  await settle();
  secondaries.configure(config);
  t.match(secondaries.list(), [{ serial: 1 }]);
  secondaries.configure({ zones: [zone()], keys: [] });
  const before = notified().length;
  clock.advance(REFRESH_MS * 2);
  await settle();
  t.same([secondaries.list(), alarms.list(), notified().length], [[], [], before]);
});
