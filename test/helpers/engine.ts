/** An engine between fake adapters: the test plays the prober, and reads what was committed and published, in order. */
import { matchCron } from '../../src/cli/housekeeping.ts';
import type { Config, ZoneSpec } from '../../src/config/config.ts';
import type { EndpointSpec } from '../../src/core/check.ts';
import type { OwnerName } from '../../src/core/name.ts';
import type { Outcome, ProbeReport } from '../../src/core/outcome.ts';
import type { FailbackPolicy, RecordSpec } from '../../src/core/record.ts';
import type { Sight } from '../../src/core/sight.ts';
import type { Transition } from '../../src/core/transition.ts';
import type { ZoneChange, ZoneContent } from '../../src/core/zone.ts';
import { createAlarms } from '../../src/runtime/alarms.ts';
import { createEngine, type EngineListeners } from '../../src/runtime/engine.ts';
import type {
  CommitEntry,
  NextProbe,
  OnReport,
  OnSight,
  Prober,
  ProberStats,
  RestoredState,
  SerialFact,
} from '../../src/runtime/ports.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export const ZONE = 'app.example.com.' as OwnerName;
export const NOTHING_RESTORED: RestoredState = {
  records: new Map(),
  serials: new Map(),
  endpoints: new Map(),
  zones: new Map(),
};
/** Listens to nothing. */
export const DEAF: EngineListeners = {
  onTransition() {},
  onZone() {},
  onChange() {},
  onOverride() {},
  onProbe() {},
  onSight() {},
};
export const PASS: Outcome = { outcome: 'pass' };
export const REFUSED: Outcome = { outcome: 'fail', reason: 'refused', phase: 'connect', detail: 'ECONNREFUSED' };

export function endpoint(address: string): EndpointSpec {
  const check = {
    kind: 'tcp' as const,
    port: 80,
    greeting: null,
    maxBodyBytes: 65536,
    intervalMs: 5000,
    timeoutMs: 2000,
    confirmMs: 1000,
    fall: 3,
    rise: 3,
    sourceAddress: null,
    sentinel: false,
  };
  return { id: `${address} tcp 80`, address, family: address.includes(':') ? 6 : 4, check };
}

/** The same over TLS, with an id of its own. */
export function httpsEndpoint(address: string): EndpointSpec {
  const { check, ...rest } = endpoint(address);
  const { intervalMs, timeoutMs, confirmMs, fall, rise, maxBodyBytes } = check;
  return {
    ...rest,
    check: {
      kind: 'http',
      url: 'https://app.example.com/healthz',
      port: null,
      host: null,
      method: 'GET',
      headers: {},
      expectStatus: [{ from: 200, to: 299 }],
      expectBody: null,
      tls: { verify: true, serverName: null, ca: null, cert: null, key: null },
      sourceAddress: null,
      sentinel: false,
      ...{ intervalMs, timeoutMs, confirmMs, fall, rise, maxBodyBytes },
    },
  };
}

export function record(over: Partial<RecordSpec> = {}): RecordSpec {
  return {
    name: ZONE,
    zone: ZONE,
    ttlSeconds: 10,
    targets: [target('primary', '192.0.2.10'), target('backup', '198.51.100.20')],
    families: 'together',
    allDown: 'keep',
    failback: { mode: 'auto', afterMs: 60_000 } satisfies FailbackPolicy,
    ...over,
  };
}

export function target(name: string, ...addresses: readonly string[]): RecordSpec['targets'][number] {
  return { name, endpoints: addresses.map(endpoint), minHealthy: 1 };
}

export function zone(...records: readonly RecordSpec[]): ZoneSpec {
  return {
    apex: ZONE,
    nameservers: [{ name: `ns1.${ZONE}` as OwnerName, addresses: ['203.0.113.53'] }],
    soa: {
      contact: `hostmaster.${ZONE}` as OwnerName,
      refreshSeconds: 3600,
      retrySeconds: 600,
      expireSeconds: 1_209_600,
      minimumSeconds: 10,
    },
    staticRRsets: [],
    secondaries: [],
    statusTxt: false,
    records,
  };
}

/** What happened at the seams, in order: `commit`, `publish`, `replace`, with the addresses of the A RRset or the serial. */
export type SeamEvent = readonly ['commit' | 'publish' | 'deliver', ...(readonly unknown[])];

/** @param listen makes those who are told beside the test what happens */
export function createTestEngine(
  restored: RestoredState = NOTHING_RESTORED,
  listen: (clock: FakeClock) => Omit<EngineListeners, 'onZone'> = () => DEAF,
) {
  const clock = createFakeClock();
  const events: SeamEvent[] = [];
  const transitions: Transition[] = [];
  const commits: CommitEntry[] = [];
  const serials: SerialFact[] = [];
  /** Set to hold commits back, as a hanging disk does. */
  const disk: { confirm: Promise<'committed' | 'queued'> } = { confirm: Promise.resolve('committed') };
  const proberStats = { endpoints: 0, running: 0, waiting: 0, lagMs: 0 };
  let report: OnReport = () => 'interval';
  let see: OnSight = () => {};
  let proberSight: Sight = 'clear';
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const alarms = createAlarms(clock, silent);
  const listeners = listen(clock);
  const addressesOf = (content: ZoneContent): readonly string[] =>
    content.rrsets
      .filter(({ owner }) => owner === ZONE)
      .flatMap(({ rdatas }) => rdatas.flatMap((rdata) => ('address' in rdata ? rdata.address : [])));

  /** For each schedule that the prober was given: the endpoints in their order, and whether zones had been delivered by then. */
  const schedules: { readonly addresses: readonly string[]; readonly isDelivered: boolean }[] = [];
  const contents: ZoneContent[] = [];
  const changes: ZoneChange[] = [];
  const deliver = (zones: readonly ZoneContent[]): void => {
    contents.push(...zones);
    events.push(['deliver', ...zones.flatMap(addressesOf)]);
  };

  const engine = createEngine(
    {
      clock,
      alarms,
      history: {
        commit(entry) {
          commits.push(entry);
          if (entry.transition) events.push(['commit', entry.transition.cause]);
          return disk.confirm;
        },
        recordProbe() {},
        recordHealth() {},
        recordSerial: (fact) => void serials.push(fact),
      },
      dataPlane: {
        publish: (change) => {
          changes.push(change);
          const rdatas = change.changes.flatMap(({ rrset }) => rrset?.rdatas ?? []);
          events.push(['publish', ...rdatas.flatMap((rdata) => ('address' in rdata ? rdata.address : []))]);
        },
        replace: deliver,
      },
      matchCron,
      createProber({ onReport, onSight }) {
        report = onReport;
        see = onSight;
        return {
          ...createIdleProber(proberStats),
          sight: () => proberSight,
          setEndpoints(endpoints) {
            const addresses = endpoints.map(({ address }) => address);
            schedules.push({ addresses, isDelivered: events.some(([event]) => event === 'deliver') });
          },
        };
      },
      ...listeners,
      onTransition(transition) {
        transitions.push(transition);
        listeners.onTransition(transition);
      },
      onZone() {},
    },
    restored,
  );
  return {
    engine,
    clock,
    alarms,
    events,
    transitions,
    commits,
    serials,
    schedules,
    contents,
    changes,
    disk,
    /** Puts a config of these zones in force. */
    apply: (...zones: readonly ZoneSpec[]) =>
      engine.apply({ zones, maintenance: [], prober: { onBlind: 'hold' } } as unknown as Config, deliver),
    /** Plays the witnesses. */
    sight(now: Sight, before: Sight) {
      proberSight = now;
      see(now, before);
    },
    /** Plays one finished probe of an address. */
    probe(address: string, outcome: Outcome, times = 1, over: Partial<ProbeReport> = {}): NextProbe {
      let next: NextProbe = 'interval';
      for (let i = 0; i < times; i++) next = report({ ...reportOf(address, outcome, clock), ...over });
      return next;
    },
    /** What the prober says of itself; to be set. */
    proberStats,
  };
}

function reportOf(address: string, outcome: Outcome, clock: ReturnType<typeof createFakeClock>) {
  return {
    endpointId: endpoint(address).id,
    trigger: 'interval' as const,
    outcome,
    startedAtEpochMs: clock.epochMs(),
    startedAtMs: clock.nowMs(),
    elapsedMs: 1,
    phasesMs: {},
  };
}

export function createIdleProber(stats: ProberStats): Prober {
  return {
    setEndpoints() {},
    configure() {},
    probeNow() {},
    start() {},
    stop: async () => {},
    stats: () => ({ ...stats }),
    sight: () => 'clear',
    witnesses: () => [],
  };
}
