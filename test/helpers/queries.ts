/** A client that asks all the time, as a resolver does, and keeps what it saw: nothing of it may be lost. */
import dgram from 'node:dgram';
import { addressIn } from './dns-client.ts';
import { query } from './dns-zone.ts';

/** Longer than any pause of a busy machine; a lost datagram never comes. */
const LOST_AFTER_MS = 5_000;

export interface QueryLoop {
  /** The answered addresses in the order of the queries, repetitions left out. */
  readonly seen: readonly string[];
  /** Settles when so many more have been answered. */
  more(count: number): Promise<void>;
  /** Ends it. @returns how many were asked and how many of them had no answer, or not NOERROR. */
  stop(): Promise<{ readonly asked: number; readonly lost: number; readonly failed: number }>;
}

/**
 * Asks for the apex's address, one query every few milliseconds, each from a socket of its own, so that the kernel spreads
 * them over all workers. It ends by itself after `limit` queries.
 */
export function askAllTheTime(port: number, { everyMs = 5, limit = 20_000 } = {}): QueryLoop {
  const seen: string[] = [];
  const open = new Set<Promise<void>>();
  const waiters = new Set<() => void>();
  let asked = 0;
  let answered = 0;
  let lost = 0;
  let failed = 0;

  const ask = async (id: number): Promise<void> => {
    const response = await askOnce(port, id);
    if (!response) lost += 1;
    else if (((response[3] ?? 0) & 15) !== 0) failed += 1;
    else if (seen.at(-1) !== addressIn(response)) seen.push(addressIn(response));
    answered += 1;
    for (const look of waiters) look();
  };

  const timer = setInterval(() => {
    if (asked === limit) return;
    asked += 1;
    const asking: Promise<void> = ask(asked & 0xffff).finally(() => open.delete(asking));
    open.add(asking);
  }, everyMs);

  return {
    seen,
    more(count) {
      const until = answered + count;
      return new Promise((resolve) => {
        const look = (): void => {
          if (answered < until) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
      });
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      return { asked, lost, failed };
    },
  };
}

/** @returns null when no answer came */
function askOnce(port: number, id: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    const finish = (response: Buffer | null): void => {
      clearTimeout(timer);
      socket.close();
      resolve(response);
    };
    const timer = setTimeout(() => finish(null), LOST_AFTER_MS);
    socket.once('message', finish);
    socket.send(query(id), port, '127.0.0.1');
  });
}
