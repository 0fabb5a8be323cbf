/** A recording is made by the engine itself, under a fake clock, with outages of every length; then it is replayed. */
import fc from 'fast-check';
import t from 'tap';
import type { EndpointSpec } from '../../src/core/check.ts';
import type { RecordSpec } from '../../src/core/record.ts';
import { type ReplayedTransition, replay } from '../../src/core/replay.ts';
import { newTally, type RecordedProbe } from '../../src/core/replay-endpoint.ts';
import { createTestEngine, PASS, REFUSED, record, ZONE, zone } from '../helpers/engine.ts';

const PRIMARY = '192.0.2.10';
const BACKUP = '198.51.100.20';
const HOUR_MS = 3_600_000;

/** From when to when an address is out of service, in seconds from the start. */
type Outages = Readonly<Record<string, readonly (readonly [number, number])[]>>;

interface Recorded {
  readonly record: RecordSpec;
  readonly probes: Map<string, RecordedProbe[]>;
  readonly transitions: readonly Pick<ReplayedTransition, 'atMs' | 'cause' | 'toTarget' | 'detectedMs'>[];
  readonly startMs: number;
  readonly endMs: number;
}

/** Plays the prober as the scheduler does: on a grid, a little late at random, confirmations in between. */
async function recording(outages: Outages, jitter: () => number, durationMs = HOUR_MS): Promise<Recorded> {
  const test = createTestEngine();
  const spec = record();
  await test.apply(zone(spec));
  const startMs = test.clock.epochMs();
  const probes = new Map<string, RecordedProbe[]>();
  const due = new Map(spec.targets.flatMap(({ endpoints }) => endpoints.map((e, i) => [e, 100 + 700 * i] as const)));
  const isConfirmation = new Set<EndpointSpec>();
  for (;;) {
    const [endpoint, atMs] = [...due].reduce((first, next) => (next[1] < first[1] ? next : first));
    if (atMs > durationMs) break;
    test.clock.advance(startMs + atMs - test.clock.epochMs());
    const isOut = outages[endpoint.address]?.some(([from, to]) => atMs >= from * 1000 && atMs < to * 1000) ?? false;
    const next = test.probe(endpoint.address, isOut ? REFUSED : PASS, 1, { elapsedMs: 0 });
    const own = probes.get(endpoint.id) ?? [];
    const [outcome, reason] = isOut ? (['fail', 'refused'] as const) : (['pass', null] as const);
    own.push({
      startedAtMs: startMs + atMs,
      elapsedMs: 0,
      trigger: isConfirmation.has(endpoint) ? 'confirm' : 'interval',
      outcome,
      reason,
    });
    probes.set(endpoint.id, own);
    const { intervalMs, confirmMs } = endpoint.check;
    const lateMs = Math.round(jitter() * 0.05 * intervalMs); // a busy prober delays confirmations as well
    const onGrid = (Math.floor(atMs / intervalMs) + 1) * intervalMs;
    due.set(endpoint, (next === 'confirm' ? atMs + confirmMs : onGrid) + lateMs);
    if (next === 'confirm') isConfirmation.add(endpoint);
    else isConfirmation.delete(endpoint);
  }
  test.clock.advance(startMs + durationMs - test.clock.epochMs());
  await test.engine.publisher.settled();
  const transitions = test.transitions.map(({ atEpochMs, cause, toTarget, detectedMs }) => ({
    ...{ cause, toTarget, detectedMs },
    atMs: atEpochMs,
  }));
  return { record: spec, probes, transitions, startMs, endMs: startMs + durationMs };
}

interface Tried {
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  readonly confirmMs?: number;
  readonly fall?: number;
  readonly rise?: number;
}

function replayed(recorded: Recorded, policy: Tried = {}, over: Partial<Parameters<typeof replay>[0]> = {}) {
  const targets = recorded.record.targets.map((target) => ({
    ...target,
    endpoints: target.endpoints.map((e) => ({ ...e, check: { ...e.check, ...policy } })),
  }));
  const tally = newTally();
  const transitions = [
    ...replay(
      {
        record: { ...recorded.record, targets },
        recorded: (id) => ({ probes: recorded.probes.get(id) ?? [], intervalMs: 5000 }),
        fromMs: recorded.startMs,
        toMs: recorded.endMs,
        initial: () => null,
        ...over,
      },
      tally,
    ),
  ];
  return { transitions, tally };
}

const brief = (transitions: readonly Pick<ReplayedTransition, 'cause' | 'toTarget' | 'detectedMs'>[]) =>
  transitions.map(({ cause, toTarget, detectedMs }) => `${cause} ${toTarget} ${detectedMs}`);

t.test('replay() under the same policy gives the transitions that were, at the same times', async (t) => {
  const outage = fc.tuple(fc.integer({ min: 5, max: 3500 }), fc.integer({ min: 1, max: 400 }));
  const outagesOf = fc.array(outage, { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      outagesOf,
      outagesOf,
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      async (a, b, random) => {
        const spans = (all: [number, number][]) => all.map(([from, long]) => [from, from + long] as const);
        const jitter = () => Number(random.next().value);
        const recorded = await recording({ [PRIMARY]: spans(a), [BACKUP]: spans(b) }, jitter);
        const { transitions, tally } = replayed(recorded);
        const found = transitions.map(({ atMs, cause, toTarget, detectedMs }) => ({
          cause,
          toTarget,
          detectedMs,
          atMs,
        }));
        t.same(found, recorded.transitions);
        t.equal(tally.counted, tally.recorded, 'each probe counts');
        t.equal(tally.inferred, 0);
      },
    ),
    { numRuns: 30 },
  );
});

t.test('replay() with a larger fall detects later, with the confirmations that would have been made', async (t) => {
  const recorded = await recording({ [PRIMARY]: [[61, 600]] }, () => 0);
  t.same(brief(recorded.transitions.slice(1, 2)), ['failover backup 2000']);
  const { transitions, tally } = replayed(recorded, { fall: 5 });
  t.same(brief(transitions.slice(1, 2)), ['failover backup 4000']);
  t.equal(transitions[1]?.inferredFails, 2, 'nobody has recorded the fourth and the fifth');
  t.equal(tally.inferred, 2);
});

t.test('replay() does not flip for an outage that passes before fall is reached', async (t) => {
  const recorded = await recording({ [PRIMARY]: [[61, 68]] }, () => 0);
  t.match(recorded.transitions[1], { cause: 'failover' });
  const { transitions } = replayed(recorded, { fall: 6 });
  t.same(brief(transitions), ['start primary null']);
});

t.test('replay() with a longer interval counts fewer probes, and detects no sooner', async (t) => {
  const recorded = await recording({ [PRIMARY]: [[61, 600]] }, () => 0.5);
  const { transitions, tally } = replayed(recorded, { intervalMs: 10_000 });
  t.equal(transitions[1]?.cause, 'failover');
  t.ok(Number(transitions[1]?.atMs) >= Number(recorded.transitions[1]?.atMs));
  t.ok(tally.counted < tally.recorded * 0.6, `${tally.counted} of ${tally.recorded}`);
});

t.test('replay() with a shorter interval invents no probe', async (t) => {
  const recorded = await recording({ [PRIMARY]: [[61, 600]] }, () => 0);
  const { transitions, tally } = replayed(recorded, { intervalMs: 1000, timeoutMs: 500 });
  t.same(transitions[1]?.atMs, recorded.transitions[1]?.atMs);
  t.equal(tally.inferred, 0);
});

t.test('replay() with a shorter timeout makes slow passes fail; a longer one cannot tell', async (t) => {
  const recorded = await recording({}, () => 0, 600_000);
  const slow = [...recorded.probes].map(([id, probes]) => {
    const isPrimary = id.startsWith(PRIMARY);
    return [id, probes.map((probe) => ({ ...probe, elapsedMs: isPrimary ? 1500 : 10 }))] as const;
  });
  const shorter = replayed({ ...recorded, probes: new Map(slow) }, { timeoutMs: 1000 });
  t.same(brief(shorter.transitions), ['start backup null']);
  const timedOut = slow.map(([id, probes]) => {
    const isPrimary = id.startsWith(PRIMARY);
    const over = { outcome: 'fail', reason: 'timeout', elapsedMs: 2000 } as const;
    return [id, probes.map((probe) => (isPrimary ? { ...probe, ...over } : probe))] as const;
  });
  const longer = replayed({ ...recorded, probes: new Map(timedOut) }, { timeoutMs: 4000 });
  t.equal(longer.tally.undecided, recorded.probes.get(`${PRIMARY} tcp 80`)?.length);
});

t.test('replay() counts anew after a time without any record', async (t) => {
  const recorded = await recording({ [PRIMARY]: [[61, 600]] }, () => 0);
  const id = `${PRIMARY} tcp 80`;
  const inGap = (atMs: number) => atMs >= recorded.startMs + 62_000 && atMs < recorded.startMs + 400_000;
  const probes = new Map([...recorded.probes].map(([key, all]) => [key, all.filter((p) => !inGap(p.startedAtMs))]));
  const { transitions, tally } = replayed({ ...recorded, probes });
  t.equal(tally.gaps, 2, 'one of each endpoint');
  const [first] = (probes.get(id) ?? []).filter(({ startedAtMs }) => startedAtMs >= recorded.startMs + 400_000);
  t.match(transitions[1], { cause: 'failover', detectedMs: Number(transitions[1]?.atMs) - Number(first?.startedAtMs) });
});

t.test('replay() begins with what was answered, decides nothing before, and counts what led there', async (t) => {
  const recorded = await recording({ [PRIMARY]: [[61, 600]] }, () => 0);
  const fromMs = recorded.startMs + 300_000;
  const onBackup = { activeTarget: 'backup', addresses: [BACKUP], allDown: false };
  const { transitions } = replayed(recorded, {}, { fromMs, initial: () => onBackup });
  t.same(brief(transitions), ['failback primary null']);
  t.equal(transitions[0]?.atMs, recorded.transitions.at(-1)?.atMs);
  t.same(brief(replayed(recorded, {}, { fromMs }).transitions.slice(0, 1)), ['start backup null'], 'what was up then');
  t.equal(ZONE, recorded.record.name);
});
