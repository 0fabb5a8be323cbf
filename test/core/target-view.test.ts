import t from 'tap';
import type { EndpointSpec } from '../../src/core/check.ts';
import { type HealthStatus, healthOf } from '../../src/core/health.ts';
import type { RecordSpec } from '../../src/core/record.ts';
import { type Family, familiesOf, foldTargets, type TargetView } from '../../src/core/target-view.ts';
import { name } from '../helpers/names.ts';

const CHECK = {
  kind: 'tcp',
  port: 80,
  greeting: null,
  maxBodyBytes: 0,
  intervalMs: 5000,
  timeoutMs: 2000,
  confirmMs: 1000,
  fall: 3,
  rise: 3,
  sourceAddress: null,
  sentinel: false,
} as const;

function endpoint(address: string): EndpointSpec {
  return { id: address, address, family: address.includes(':') ? 6 : 4, check: CHECK };
}

function record(
  targets: Readonly<Record<string, string>>,
  special: Partial<RecordSpec> & { minHealthy?: number } = {},
) {
  const { minHealthy = 1, ...rest } = special;
  return {
    name: name('app.example.com'),
    zone: name('app.example.com'),
    ttlSeconds: 10,
    targets: Object.entries(targets).map(([target, addresses]) => ({
      name: target,
      endpoints: addresses.split(' ').map(endpoint),
      minHealthy,
    })),
    families: 'together',
    allDown: 'keep',
    failback: { mode: 'auto', afterMs: 60_000 },
    ...rest,
  } satisfies RecordSpec;
}

const NOW_MS = 100_000;

/** @param healths by address: a status, `!` when it flaps, and since when it is stable: `up! 40000`. */
function fold(
  spec: RecordSpec,
  healths: Readonly<Record<string, string>>,
  family: Family = '',
  drained: readonly string[] = [],
): readonly TargetView[] {
  return foldTargets(spec, family, {
    healthOf: (id) => {
      const [, status, bang, since] = /^(\w+)(!?)(?: (\d+))?$/.exec(healths[id] ?? 'unknown') ?? [];
      return {
        health: { ...healthOf(status as HealthStatus), flapping: bang === '!' },
        stableSinceMs: since === undefined ? null : Number(since),
      };
    },
    drained,
    nowMs: NOW_MS,
  });
}

function foldOne(addresses: string, healths: Readonly<Record<string, string>>, minHealthy = 1): TargetView {
  const [target] = fold(record({ primary: addresses }, { minHealthy }), healths);
  if (!target) throw new Error('no target');
  return target;
}

t.test('foldTargets() takes a target for up when each of its families has min_healthy endpoints up', async (t) => {
  const cases: [healths: Record<string, string>, minHealthy: number, status: HealthStatus][] = [
    [{ a: 'up', b: 'up' }, 1, 'up'],
    [{ a: 'up', b: 'down' }, 1, 'up'],
    [{ a: 'up', b: 'unknown' }, 1, 'up'],
    [{ a: 'down', b: 'unknown' }, 1, 'unknown'],
    [{ a: 'down', b: 'down' }, 1, 'down'],
    [{ a: 'unknown', b: 'unknown' }, 1, 'unknown'],
    [{ a: 'up', b: 'up' }, 2, 'up'],
    [{ a: 'up', b: 'unknown' }, 2, 'unknown'],
    [{ a: 'up', b: 'down' }, 2, 'down'],
    [{ a: 'up', b: 'up', '::1': 'up' }, 1, 'up'],
    [{ a: 'up', b: 'up', '::1': 'down' }, 1, 'down'],
    [{ a: 'up', b: 'up', '::1': 'unknown' }, 1, 'unknown'],
    [{ a: 'down', b: 'down', '::1': 'unknown' }, 1, 'down'],
  ];
  for (const [healths, minHealthy, status] of cases) {
    const given = Object.entries(healths).map(([address, health]) => `${address} ${health}`);
    t.equal(foldOne(Object.keys(healths).join(' '), healths, minHealthy).status, status, `${given}, ${minHealthy}`);
  }
});

t.test('foldTargets() gives each address its verdict, in the order of the config', async (t) => {
  t.strictSame(foldOne('b ::1 a', { a: 'up', b: 'down!', '::1': 'unknown' }).addresses, [
    { address: 'b', family: 4, status: 'down', flapping: true },
    { address: '::1', family: 6, status: 'unknown', flapping: false },
    { address: 'a', family: 4, status: 'up', flapping: false },
  ]);
});

t.test('foldTargets() takes a target for stable as long as enough of its endpoints are', async (t) => {
  t.equal(foldOne('a', { a: 'up 40000' }).stableMs, 60_000);
  t.equal(foldOne('a', { a: 'up' }).stableMs, 0, 'its last probe failed');
  t.equal(foldOne('a b', { a: 'up 40000', b: 'up 90000' }).stableMs, 60_000, 'one is enough');
  t.equal(foldOne('a b', { a: 'up 40000', b: 'up 90000' }, 2).stableMs, 10_000, 'both are needed');
  t.equal(foldOne('a ::1', { a: 'up 40000', '::1': 'up 70000' }).stableMs, 30_000, 'the younger family');
  t.equal(foldOne('a ::1', { a: 'up 40000', '::1': 'down' }).stableMs, 0, 'not up');
});

t.test('foldTargets() takes a target for flapping when its status hangs on endpoints that do', async (t) => {
  t.equal(foldOne('a', { a: 'up!' }).flapping, true);
  t.equal(foldOne('a', { a: 'down!' }).flapping, true);
  t.equal(foldOne('a b', { a: 'up!', b: 'up' }).flapping, false, 'the other one is enough');
  t.equal(foldOne('a b', { a: 'up!', b: 'up' }, 2).flapping, true, 'both are needed');
  t.equal(foldOne('a b', { a: 'down!', b: 'down' }).flapping, true, 'it would be up with the first');
  t.equal(foldOne('a b', { a: 'down!', b: 'down' }, 2).flapping, false, 'it would not');
  t.equal(foldOne('a ::1', { a: 'down!', '::1': 'down' }).flapping, false, 'nor without the other family');
  t.equal(foldOne('a', { a: 'unknown!' }).flapping, false, 'no verdict, nothing that hangs on it');
});

t.test('foldTargets() marks drained targets', async (t) => {
  const views = fold(record({ primary: 'a', backup: 'b' }), {}, '', ['backup', 'frankfurt']);
  t.strictSame(
    views.map(({ name, drained }) => [name, drained]),
    [
      ['primary', false],
      ['backup', true],
    ],
  );
});

t.test('foldTargets() with families: independent sees one family at a time', async (t) => {
  const spec = record({ primary: 'a ::1', backup: 'b' }, { families: 'independent' });
  const healths = { a: 'up', '::1': 'down', b: 'up' };
  const inWords = (family: Family) =>
    fold(spec, healths, family).map(
      ({ name, status, addresses }) => `${name} ${status} ${addresses.map((a) => a.address)}`,
    );
  t.strictSame(inWords('4'), ['primary up a', 'backup up b']);
  t.strictSame(inWords('6'), ['primary down ::1'], 'a target without the family is left out');
});

t.test('familiesOf() gives one decision for all, or one for each family that some target has', async (t) => {
  const independent = { families: 'independent' } as const;
  t.strictSame(familiesOf(record({ primary: 'a ::1' })), ['']);
  t.strictSame(familiesOf(record({ primary: 'a', backup: '::1' }, independent)), ['4', '6']);
  t.strictSame(familiesOf(record({ primary: 'a' }, independent)), ['4']);
  t.strictSame(familiesOf(record({ primary: '::1' }, independent)), ['6']);
});
