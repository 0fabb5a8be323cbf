/** What a DNS worker does: holds a responder and the sockets that it answers on, and follows the pool's messages. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createBindings } from './bindings.ts';
import type { Notice, Replies, Request, WorkerData, WorkerStats } from './protocol.ts';
import type { Responder, ResponderOptions } from './responder.ts';
import { answersItself } from './self-check.ts';
import { createTcpServer } from './tcp.ts';
import { createQuota } from './tcp-quota.ts';
import { openBatchedUdpSocket } from './udp-batched.ts';
import { openDgramUdpSocket } from './udp-dgram.ts';
import { addStats, NO_STATS, ofResponder, ofTcp } from './worker-stats.ts';

const SWEEP_EVERY_MS = 500;

export interface Serving {
  take(notice: Notice): void;
  answer(request: Request): Promise<Replies[Request['kind']]>;
}

export interface ServingDeps {
  readonly clock: ResponderOptions['clock'];
  readonly createResponder: (options: ResponderOptions) => Responder;
}

export function createServing(data: WorkerData, { clock, createResponder }: ServingDeps): Serving {
  const respondWith = (dns: WorkerData['dns']) => createResponder({ dns, clock, shared: data.shared });
  let responder = respondWith(data.dns);
  let before = NO_STATS; // of the responders before this one
  const { quota: row, dns, sockets, reusePort } = data;
  const limitsBy = { quota: createQuota(row.memory, row.row), nowMs: clock.nowMs };
  const tcp = createTcpServer((message, peer) => responder.handleTcp(message, peer), dns.tcp, limitsBy);
  const openUdp = sockets === 'batched' ? openBatchedUdpSocket : openDgramUdpSocket;
  const bindings = createBindings({
    openUdp,
    handleUdp: (batch, count) => responder.handleUdp(batch, count),
    tcp,
    reusePort,
  });
  const sweeping = setInterval(tcp.sweep, SWEEP_EVERY_MS);

  const stats = (): WorkerStats =>
    [ofResponder(responder.stats()), bindings.stats(), ofTcp(tcp.stats())].reduce(addStats, before);

  const configure = ({ dns, zones }: Extract<Notice, { kind: 'configure' }>): void => {
    const next = respondWith(dns);
    next.load(zones);
    before = addStats(before, ofResponder(responder.stats()));
    responder = next;
    tcp.setLimits(dns.tcp);
  };

  const stop = async (withinMs: number): Promise<WorkerStats> => {
    await bindings.closeAll();
    await Promise.race([tcp.finish(), sleep(withinMs)]);
    clearInterval(sweeping);
    return stats();
  };

  return {
    take(notice) {
      if (notice.kind === 'load') responder.load(notice.zones);
      else if (notice.kind === 'apply') responder.apply(notice.change);
      else configure(notice);
    },
    async answer(request) {
      switch (request.kind) {
        case 'open':
          return bindings.open(request.addresses);
        case 'close':
          await bindings.close(request.addresses);
          return null;
        case 'check':
          return bindings.size === request.addresses && answersItself(responder, request.apex);
        case 'stats':
          return stats();
        case 'stop':
          return stop(request.withinMs);
      }
    },
  };
}
