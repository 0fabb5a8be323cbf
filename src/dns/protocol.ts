/** What the pool and a DNS worker say to each other. All of it goes through one port, so that the order is kept. */
import type { OwnerName } from '../core/name.ts';
import type { ZoneChange, ZoneContent } from '../core/zone.ts';
import type { DataPlaneStats, DnsOptions } from '../runtime/ports.ts';
import type { SocketAddress } from './addresses.ts';
import type { BindFault } from './claim.ts';
import type { ResponderShared } from './responder.ts';
import type { QuotaMemory } from './tcp-quota.ts';

export type SocketKind = 'batched' | 'dgram';

/** What a worker is born with. */
export interface WorkerData {
  readonly dns: DnsOptions;
  readonly sockets: SocketKind;
  /** Whether it shares its addresses with other workers. */
  readonly reusePort: boolean;
  readonly shared: ResponderShared;
  readonly quota: { readonly memory: QuotaMemory; readonly row: number };
}

/** Needs no reply. */
export type Notice =
  | { readonly kind: 'load'; readonly zones: readonly ZoneContent[] }
  | { readonly kind: 'apply'; readonly change: ZoneChange }
  /** Other options from now on; the zones come with them. */
  | { readonly kind: 'configure'; readonly dns: DnsOptions; readonly zones: readonly ZoneContent[] };

/** Each with what it is answered by. */
export interface Replies {
  /** Binds these addresses, all or none. */
  open: BindFault | null;
  /** Stops listening on these. */
  close: null;
  stats: WorkerStats;
  /** Whether the SOA of a zone is answered, on as many sockets as there should be. */
  check: boolean;
  /** Finishes the replies under way. The thread ends after it. */
  stop: WorkerStats;
}

export type Request =
  | { readonly kind: 'open'; readonly addresses: readonly SocketAddress[] }
  | { readonly kind: 'close'; readonly addresses: readonly SocketAddress[] }
  | { readonly kind: 'check'; readonly apex: OwnerName | null; readonly addresses: number }
  | { readonly kind: 'stats' }
  | { readonly kind: 'stop'; readonly withinMs: number };

export type Reply<R extends Request> = Replies[R['kind']];

export type ToWorker = Notice | { readonly kind: 'ask'; readonly id: number; readonly request: Request };

export interface FromWorker {
  readonly id: number;
  readonly reply: Replies[Request['kind']];
}

export type WorkerStats = Omit<DataPlaneStats, 'workers' | 'sockets' | 'workerRestarts'>;
