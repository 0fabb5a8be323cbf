import type { ZoneSpec } from '../config/config.ts';
import { joinName, type OwnerName } from '../core/name.ts';
import type { RecordSpec } from '../core/record.ts';
import type { Rdata, RRset, RRType } from '../core/rr.ts';
import { nextSerial } from '../core/serial.ts';
import type { Family } from '../core/target-view.ts';
import type { Transition } from '../core/transition.ts';
import type { ZoneChange, ZoneContent } from '../core/zone.ts';
import { answerChanges, zoneContent } from '../core/zone-content.ts';
import { createLedger } from './ledger.ts';
import type { Clock, DataPlane, History, PublishedZone, RestoredState, StoredRecordState } from './ports.ts';

/** A decision that is to be published: the transition lacks only the serial, which the publisher gives. */
export interface Publication {
  readonly record: RecordSpec;
  readonly transition: Omit<Transition, 'serial'>;
  readonly state: StoredRecordState;
}

/** What is answered for a record now; null while its first probe round goes on. */
export interface CurrentAnswer {
  readonly addresses: readonly string[];
  /** Why the answer is degraded (RFC 8914), or null. */
  readonly degraded: string | null;
  /** The active target, of each family where they are decided apart. */
  readonly active: readonly { readonly family: Family; readonly target: string; readonly sinceEpochMs: number }[];
}

export interface PublisherDeps {
  readonly clock: Pick<Clock, 'epochMs'>;
  readonly history: Pick<History, 'commit'>;
  readonly dataPlane: Pick<DataPlane, 'publish' | 'replace'>;
  readonly answerOf: (record: OwnerName) => CurrentAnswer | null;
  /** Called when a transition is on its way to the DNS workers. */
  readonly onPublished: (transition: Transition) => void;
  /** Called when a zone with a new serial is on its way to the DNS workers. */
  readonly onZone: (zone: OwnerName, serial: number) => void;
}

/** Takes the zones to the data plane: `start` the first time, `replace` from then on. */
export type Deliver = (zones: readonly ZoneContent[]) => unknown;

/** Orders what is answered: commits before it publishes, and gives every zone its serials. */
export interface Publisher {
  /** Commits the transitions that a config causes, then delivers its zones. Settles when they are delivered. */
  setZones(zones: readonly ZoneSpec[], publications: readonly Publication[], deliver: Deliver): Promise<void>;
  /** Commits a transition, then hands its answer to the data plane. The order of the calls is kept. */
  publish(publication: Publication): void;
  serials(): readonly { readonly zone: OwnerName; readonly serial: number }[];
  /** A zone as it is served now; null for one that is not there, or waits for its first probe round. */
  content(zone: OwnerName): ZoneContent | null;
  /** Settles when all that was handed over is published. */
  settled(): Promise<void>;
}

interface ZoneState {
  readonly spec: ZoneSpec;
  serial: number;
  /** False while its records still wait for their first probe round: it is withheld, so that nobody caches a "no". */
  isServed: boolean;
  /** The records that wait. */
  readonly waiting: Set<OwnerName>;
}

/** @param restored the last serial of each zone, and what was published of those that have secondaries. */
export function createPublisher(deps: PublisherDeps, restored: Pick<RestoredState, 'serials' | 'zones'>): Publisher {
  const lastSerials = new Map(restored.serials);
  const ledger = createLedger(restored.zones);
  let zones = new Map<OwnerName, ZoneState>();
  /** Everything that is to be published goes through this chain, one after the other. */
  let chain: Promise<void> = Promise.resolve();

  const enqueue = (committed: Promise<unknown>, publish: () => unknown): Promise<void> => {
    const published = chain
      .then(() => committed)
      .then(publish)
      .then(() => {});
    // A refused start rejects for its caller; what comes after it must not wait for ever.
    chain = published.catch(() => {});
    return published;
  };
  const bump = (zone: OwnerName): number => {
    const serial = nextSerial(lastSerials.get(zone) ?? null, deps.clock.epochMs());
    lastSerials.set(zone, serial);
    const published = zones.get(zone);
    if (published) published.serial = serial;
    return serial;
  };
  const number = ({ transition }: Publication): Transition => ({ ...transition, serial: bump(transition.zone) });
  const served = (): readonly ZoneState[] => [...zones.values()].filter((zone) => zone.isServed);
  /** The zones as they are to be answered; what they are made of has been noted in the ledger. */
  const servedContents = (): readonly ZoneContent[] =>
    served().map((zone) => ledger.withJournal(contentOf(zone, deps.answerOf)));
  const noteWhole = (zone: ZoneState) => ledger.whole(zone.spec, contentOf(zone, deps.answerOf));

  return {
    setZones(specs, publications, deliver) {
      const before = zones;
      zones = new Map(
        specs.map((spec) => {
          const waiting = new Set(spec.records.map(({ name }) => name).filter((name) => !deps.answerOf(name)));
          const hasAnswer = waiting.size === 0 || waiting.size < spec.records.length;
          return [spec.apex, { spec, waiting, isServed: before.get(spec.apex)?.isServed || hasAnswer, serial: 0 }];
        }),
      );
      const transitions = publications.map((publication) => {
        const transition = number(publication);
        return { transition, done: deps.history.commit({ transition, state: publication.state }) };
      });
      const numbered = [...zones].map(([zone, state]) => {
        const serial = { zone, serial: bump(zone) };
        const published = state.isServed ? noteWhole(state) : null;
        return deps.history.commit({ transition: null, state: null, serial, ...(published && { published }) });
      });
      const contents = servedContents();
      return enqueue(Promise.all([...numbered, ...transitions.map(({ done }) => done)]), async () => {
        await deliver(contents);
        for (const { transition } of transitions) deps.onPublished(transition);
        for (const { apex, soa } of contents) deps.onZone(apex, soa.serial);
      });
    },
    publish(publication) {
      const zone = zones.get(publication.record.zone);
      if (!zone) return;
      const transition = number(publication);
      const { published, deliver } = deliveryOf(zone, publication, transition.serial);
      const done = deps.history.commit({ transition, state: publication.state, ...(published && { published }) });
      enqueue(done, () => {
        deliver();
        deps.onPublished(transition);
        if (zone.isServed) deps.onZone(transition.zone, transition.serial);
      });
    },
    serials: () => [...zones].map(([zone, { serial }]) => ({ zone, serial })),
    content(apex) {
      const zone = zones.get(apex);
      return zone?.isServed ? contentOf(zone, deps.answerOf) : null;
    },
    settled: () => chain,
  };

  function deliveryOf(zone: ZoneState, publication: Publication, serial: number): Delivery {
    if (zone.isServed) {
      const change = changeOf(zone, publication, serial, deps.answerOf);
      return { published: ledger.change(zone.spec, change), deliver: () => deps.dataPlane.publish(change) };
    }
    const { name } = publication.record;
    if (deps.answerOf(name)) zone.waiting.delete(name);
    if (zone.waiting.size > 0) return { published: null, deliver: () => {} };
    zone.isServed = true;
    const published = noteWhole(zone);
    const contents = servedContents();
    return { published, deliver: () => deps.dataPlane.replace(contents) };
  }
}

/** How a transition reaches the DNS workers, and what is kept of it for IXFR. */
interface Delivery {
  readonly published: PublishedZone | null;
  readonly deliver: () => void;
}

type AnswerOf = PublisherDeps['answerOf'];

function contentOf({ spec, serial }: ZoneState, answerOf: AnswerOf): ZoneContent {
  const answers = new Map<OwnerName, readonly string[]>();
  const degraded: Record<OwnerName, string> = {};
  const statuses: RRset[] = [];
  for (const record of spec.records) {
    const answer = answerOf(record.name);
    if (!answer) continue;
    answers.set(record.name, answer.addresses);
    if (answer.degraded) degraded[record.name] = answer.degraded;
    if (spec.statusTxt) statuses.push(statusRRset(record, answer, serial));
  }
  const content = zoneContent(spec, answers, serial, degraded);
  return { ...content, rrsets: [...content.rrsets, ...statuses] };
}

function changeOf({ spec }: ZoneState, { record, state }: Publication, serial: number, answerOf: AnswerOf): ZoneChange {
  const answer = answerOf(record.name);
  const addresses = answerChanges(record.name, record.ttlSeconds, answer?.addresses ?? []);
  const statuses = answer && spec.statusTxt ? [statusRRset(record, answer, serial)] : [];
  const changes = [
    ...addresses.filter(({ type }) => isOf(state, type)),
    ...statuses.map((rrset) => ({ owner: rrset.owner, type: rrset.type, rrset })),
  ];
  return { apex: record.zone, serial, changes, degraded: { [record.name]: answer?.degraded ?? null } };
}

/** `_failover.<record>` TXT: the state of a record for those who have nothing but `dig`. */
function statusRRset({ name, ttlSeconds }: RecordSpec, { active }: CurrentAnswer, serial: number): RRset {
  const strings = active.map(({ family, target, sinceEpochMs }) => {
    const since = new Date(sinceEpochMs).toISOString();
    return `${family === '' ? '' : `family=IPv${family} `}active=${target} since=${since} serial=${serial}`;
  });
  const rdatas = strings.map((text): Rdata => ({ type: 'TXT', strings: [text] }));
  return { owner: joinName('_failover', name), type: 'TXT', ttlSeconds, rdatas };
}

/** Where A and AAAA are decided apart, a transition of one leaves the other alone. */
function isOf({ family }: StoredRecordState, type: RRType): boolean {
  return family === '' || type === (family === '4' ? 'A' : 'AAAA');
}
