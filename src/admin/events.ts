/** Server-sent events (WHATWG HTML §9.2): what happens, as it happens. */
import type { Event, EventKind, Events } from '../runtime/events.ts';
import { EVENT_KINDS } from '../runtime/events.ts';
import type { Clock } from '../runtime/ports.ts';
import { problem } from './problem.ts';
import type { Outlet, Request, Response, Route } from './route.ts';

/** So many listen at once, at most: the other connections stay free for an operator. */
const MAX_STREAMS = 32;
const HEARTBEAT_MS = 10_000;
const RETRY_MS = 2000;

export interface EventHandlers {
  readonly events: Events;
  readonly clock: Pick<Clock, 'setTimer'>;
}

export function eventRoutes(handlers: EventHandlers): readonly Route[] {
  let open = 0;

  const listen = (request: Request, kinds: ReadonlySet<EventKind>): Response => ({
    status: 200,
    type: 'text/event-stream',
    stream(outlet) {
      open += 1;
      const stop = follow(handlers, kinds, String(request.headers['last-event-id'] ?? ''), outlet);
      return () => {
        open -= 1;
        stop();
      };
    },
  });

  return [
    {
      method: 'GET',
      path: '/api/v1/events',
      access: 'read',
      doc: {
        summary: 'What happens, as it happens: server-sent events, which go on after Last-Event-ID',
        query: { kinds: `some of ${EVENT_KINDS.join(', ')}; all of them` },
        type: 'text/event-stream',
        problems: [400, 503],
      },
      async handle(request) {
        const kinds = kindsOf(request.query.get('kinds'));
        if (typeof kinds === 'string') return problem(400, kinds);
        if (open >= MAX_STREAMS) return problem(503, `${MAX_STREAMS} clients listen already`);
        return listen(request, kinds);
      },
    },
  ];
}

/** @returns what is wrong with them, in words */
function kindsOf(text: string | null): ReadonlySet<EventKind> | string {
  if (text === null) return new Set(EVENT_KINDS);
  const given = text.split(',');
  const unknown = given.find((kind) => !EVENT_KINDS.some((known) => known === kind));
  if (unknown !== undefined) return `there is no kind "${unknown}"; there are ${EVENT_KINDS.join(', ')}`;
  return new Set(given as EventKind[]);
}

/** What was missed first, then everything as it comes. */
function follow(
  { events, clock }: EventHandlers,
  kinds: ReadonlySet<EventKind>,
  lastId: string,
  outlet: Outlet,
): () => void {
  let cancel = (): void => {};
  const tell = (event: Event): void => {
    if (kinds.has(event.kind)) outlet.write(formatEvent(event));
  };
  const beat = (): void => {
    cancel = clock.setTimer(HEARTBEAT_MS, () => {
      outlet.write(':\n\n');
      beat();
    });
  };

  const missed = lastId === '' ? [] : events.since(lastId);
  // An id without data is remembered by the client, and is no event for it.
  outlet.write(`retry: ${RETRY_MS}\n${missed === null ? 'event: reset\ndata: {}\n' : ''}id: ${startId()}\n\n`);
  for (const event of missed ?? []) tell(event);
  const unsubscribe = events.subscribe(tell);
  beat();
  return () => {
    unsubscribe();
    cancel();
  };

  /** With something to catch up on, it has still seen no more than before. */
  function startId(): string {
    return missed !== null && missed.length > 0 ? lastId : events.lastId();
  }
}

function formatEvent({ kind, data, id }: Event): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}
