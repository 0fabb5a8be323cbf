/** Tells the sinks of transitions and alarms: each at least once, what is about one thing in order. */
import type { RecordSpec } from '../core/record.ts';
import type { AlarmChange, Alarms } from '../runtime/alarms.ts';
import type { OutboxChange, OutboxItem, RestoredOutbox, SinkSpec } from '../runtime/outbox.ts';
import type { Clock, CommitEntry, History, Log } from '../runtime/ports.ts';
import type { NotifyTest, SinkStatus } from '../runtime/status.ts';
import { createAlarmMemory } from './alarm-memory.ts';
import { render } from './formats.ts';
import type { Deliver } from './message.ts';
import {
  type AlarmNews,
  alarmNews,
  eventOf,
  type News,
  subjectOf,
  type TransitionNews,
  transitionNews,
} from './notification.ts';
import { createPostman, type Postman } from './postman.ts';

export interface OutboxDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly history: Pick<History, 'commit'>;
  readonly alarms: Pick<Alarms, 'raise' | 'resolve' | 'keepOnly' | 'onChange' | 'list'>;
  readonly deliver: Deliver;
  readonly random: () => number;
  /** Unique, of letters and digits. */
  readonly createId: () => string;
  /** The name of this host, for the messages. */
  readonly source: string;
}

/** What the config says of it: the sinks, and which target of each record is the primary. */
export interface NotifyConfig {
  readonly notify: readonly SinkSpec[];
  readonly zones: readonly { readonly records: readonly RecordSpec[] }[];
}

export interface Outbox {
  /** Makes these the sinks. What waits for one that stays goes on waiting. */
  configure(config: NotifyConfig): void;
  /** Commits an entry, and with it what is to be told of its transition; tells it when that is done, or when it takes long. */
  readonly commit: History['commit'];
  /** Sends a test to every sink, beside all that waits. */
  test(actor: string): Promise<readonly NotifyTest[]>;
  status(): readonly SinkStatus[];
  stop(): void;
}

const ALARM = 'notify_failing';

/** @param restored what was not delivered before the restart */
export function createOutbox(deps: OutboxDeps, restored: RestoredOutbox | undefined): Outbox {
  const { clock, log, history, alarms } = deps;
  const postmen = new Map<string, Postman>(); // also of sinks that the config no longer has
  let isListening = false;
  let sinks: readonly SinkSpec[] = [];
  let primaries: ReadonlyMap<string, string> = new Map();
  /** What is to be told goes through this chain, so that its order is that of the commits. */
  let chain: Promise<unknown> = Promise.resolve();
  const memory = createAlarmMemory({ clock, alarms, tell: tellAlarm }, restored?.alarms ?? []);

  for (const item of restored?.pending ?? []) enqueue(item);

  return {
    configure({ notify, zones }) {
      sinks = notify;
      const records = zones.flatMap((zone) => zone.records);
      primaries = new Map(records.flatMap(({ name, targets: [primary] }) => (primary ? [[name, primary.name]] : [])));
      for (const [id, postman] of postmen) if (!sinks.some((sink) => sink.id === id)) postman.serve(null);
      for (const sink of sinks) postmanOf(sink.id).serve(sink);
      alarms.keepOnly(ALARM, new Set(sinks.map(({ id }) => id)));
      if (!isListening) listen();
    },
    commit(entry) {
      const { transition } = entry;
      if (transition === null) return history.commit(entry);
      const primary = primaries.get(transition.record) ?? null;
      const news = transitionNews(transition, entry.state?.family ?? '', primary);
      return commitWith(entry, itemsOf(news, transition.atEpochMs, sinks));
    },
    async test(actor) {
      const item = { id: `msg_${deps.createId()}`, at: new Date(clock.epochMs()).toISOString() };
      return Promise.all(sinks.map((sink) => sendTest(sink, { ...item, news: { kind: 'test', actor } })));
    },
    status: () => sinks.map(({ id, format }) => ({ sink: id, format, ...postmanOf(id).stats() })),
    stop() {
      memory.stop();
      for (const postman of postmen.values()) postman.stop();
    },
  };

  /** Also to what has happened while nobody could be told. */
  function listen(): void {
    isListening = true;
    for (const alarm of alarms.list()) memory.changed({ ...alarm, resolvedAt: null });
    alarms.onChange(memory.changed);
  }

  function commitWith(entry: CommitEntry, items: readonly OutboxItem[]): Promise<'committed' | 'queued'> {
    if (items.length === 0) return history.commit(entry);
    const outbox = items.map((item): OutboxChange => ({ kind: 'add', item }));
    const committed = history.commit({ ...entry, outbox });
    chain = chain.then(() => committed).then(() => items.forEach(enqueue));
    return committed;
  }

  function tellAlarm(change: AlarmChange): void {
    // A sink is not told that it does not listen.
    const others = sinks.filter(({ id }) => !(change.name === ALARM && change.subject === id));
    const items = itemsOf(alarmNews(change), clock.epochMs(), others);
    if (items.length > 0) void commitWith({ transition: null, state: null }, items);
  }

  function itemsOf(
    news: TransitionNews | AlarmNews,
    atEpochMs: number,
    to: readonly SinkSpec[],
  ): readonly OutboxItem[] {
    const event = eventOf(news);
    const interested = to.filter(({ on }) => on.includes(event));
    if (interested.length === 0) return [];
    const item = {
      id: `msg_${deps.createId()}`,
      atEpochMs,
      event,
      subject: subjectOf(news),
      body: JSON.stringify(news),
    };
    return interested.map(({ id }) => ({ ...item, sink: id }));
  }

  function enqueue(item: OutboxItem): void {
    postmanOf(item.sink).add(item, JSON.parse(item.body) as News);
  }

  function postmanOf(id: string): Postman {
    const known = postmen.get(id);
    if (known) return known;
    const key = { name: ALARM, subject: id };
    const postman = createPostman({
      ...deps,
      onTrouble(reason) {
        if (reason === null) alarms.resolve(key);
        else alarms.raise(key, `${id} takes no notifications: ${reason}`);
      },
      onSettled(batch, how) {
        const atEpochMs = clock.epochMs();
        const outbox = batch.map(({ item, attempts }): OutboxChange => {
          return {
            kind: 'settle',
            id: item.id,
            sink: item.sink,
            how,
            attempts: attempts + (how === 'delivered' ? 1 : 0),
            atEpochMs,
          };
        });
        void history.commit({ transition: null, state: null, outbox });
      },
    });
    postmen.set(id, postman);
    return postman;
  }

  async function sendTest(sink: SinkSpec, notification: Parameters<typeof render>[1][number]): Promise<NotifyTest> {
    const startedMs = clock.nowMs();
    const result = await deps.deliver(
      render(sink, [notification], { source: deps.source, nowEpochMs: clock.epochMs() }),
    );
    const elapsedMs = Math.round(clock.nowMs() - startedMs);
    if (result.ok && sinks.includes(sink)) postmanOf(sink.id).tested();
    log.info({ sink: sink.id, ok: result.ok }, `test of ${sink.id}: ${result.ok ? 'delivered' : result.reason}`);
    return {
      sink: sink.id,
      format: sink.format,
      delivered: result.ok,
      reason: result.ok ? null : result.reason,
      elapsedMs,
    };
  }
}
