import t from 'tap';
import { createTestEngine, endpoint, PASS, REFUSED, record, target, ZONE, zone } from '../helpers/engine.ts';

const PRIMARY = '192.0.2.10';
const BACKUP = '198.51.100.20';

async function started(over: Parameters<typeof record>[0] = {}) {
  const test = createTestEngine();
  await test.apply(zone(record(over)));
  for (const { endpoints } of record(over).targets) for (const { address } of endpoints) test.probe(address, PASS);
  await test.engine.publisher.settled();
  return test;
}

t.test('a failover keeps the row, the probes, the counting before and after, the policy and the config', async (t) => {
  const { clock, probe, transitions, engine, commits } = await started();
  clock.advance(5000);
  probe(PRIMARY, REFUSED);
  clock.advance(1000);
  probe(PRIMARY, REFUSED);
  clock.advance(1000);
  probe(PRIMARY, REFUSED, 1, { bodySample: 'out of order', bodySha256: 'ab' });
  await engine.publisher.settled();
  const failover = transitions.at(-1);
  t.match(failover, { cause: 'failover', isDrill: false, detectedMs: 2000 });
  const evidence = failover?.evidence;
  t.match(evidence, {
    row: 9,
    rule: 'active down, another up: the first up in order, at once',
    targets: { primary: 'down', backup: 'up' },
    zone: ZONE,
    family: '',
    ttlSeconds: 10,
    generation: 1,
  });
  t.match(
    evidence?.probes.filter(({ endpointId }) => endpointId.startsWith(PRIMARY)).map(({ counter }) => counter),
    [
      { status: 'up', count: 0, of: 3 },
      { status: 'up', count: 1, of: 3 },
      { status: 'up', count: 2, of: 3 },
      { status: 'down', count: 0, of: 3 },
    ],
  );
  t.match(evidence?.probes.at(-1), { bodySample: 'out of order', bodySha256: 'ab' });
  t.same(evidence?.endpoints[0], {
    id: endpoint(PRIMARY).id,
    target: 'primary',
    address: PRIMARY,
    intervalMs: 5000,
    timeoutMs: 2000,
    confirmMs: 1000,
    fall: 3,
    rise: 3,
    before: { status: 'up', count: 2, of: 3 },
    after: { status: 'down', count: 0, of: 3 },
  });
  t.match(evidence?.lastPass, { outcome: PASS, startedAtMs: Number(evidence?.firstFail?.startedAtMs) - 5000 });
  t.match(evidence?.firstFail, { outcome: REFUSED, counter: { count: 1 } });
  t.same(
    commits.find(({ transition }) => transition === failover)?.transition?.evidence,
    evidence,
    'it is what is written',
  );
});

t.test('an address that was answered no more is not what a later failover began with', async (t) => {
  const targets = [target('primary', '192.0.2.1', '192.0.2.2'), target('backup', BACKUP)];
  const { clock, probe, transitions, engine } = await started({ targets });
  probe('192.0.2.1', REFUSED, 3);
  clock.advance(86_400_000);
  probe('192.0.2.2', REFUSED, 2);
  clock.advance(2000);
  probe('192.0.2.2', REFUSED);
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'failover', toTarget: 'backup', detectedMs: 2000 });
});

t.test('an address that leaves is what began it, not one that stays', async (t) => {
  const targets = [target('primary', '192.0.2.1', '192.0.2.2'), target('backup', BACKUP)];
  const { clock, probe, transitions, engine } = await started({ targets });
  probe('192.0.2.1', REFUSED, 2);
  clock.advance(1000);
  probe('192.0.2.2', REFUSED, 2);
  clock.advance(500);
  probe('192.0.2.2', REFUSED);
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'failover', toTarget: 'primary', toAddresses: ['192.0.2.1'], detectedMs: 500 });
});

t.test('the serial of a transition is noted when it is handed to the DNS workers', async (t) => {
  const { clock, probe, transitions, serials, engine } = await started();
  clock.advance(7000);
  probe(PRIMARY, REFUSED, 3);
  await engine.publisher.settled();
  t.same(serials.at(-1), {
    atEpochMs: clock.epochMs(),
    zone: ZONE,
    serial: transitions.at(-1)?.serial,
    event: 'published',
    secondary: null,
  });
});
