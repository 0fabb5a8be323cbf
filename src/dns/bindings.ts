/** The addresses of one worker: for each a UDP socket and a TCP listener. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { keyOf, type SocketAddress } from './addresses.ts';
import { type BindFault, codeOf, type Protocol } from './claim.ts';
import type { WorkerData, WorkerStats } from './protocol.ts';
import { createQueue } from './queue.ts';
import type { TcpListener, TcpServer } from './tcp.ts';
import type { OpenUdpSocket, UdpHandler, UdpSocket } from './udp-socket.ts';
import { addStats, NO_STATS, ofUdp } from './worker-stats.ts';

/** So long after a socket has left its address nothing is on its way to it any more: the kernel takes microseconds. */
const SETTLE_MS = 5;

/** How many turns of the loop a socket gets to run dry before it is closed all the same. */
const LAST_TURNS = 100;

export interface Bindings {
  /** Binds these addresses, all or none; those that are bound already stay as they are. */
  open(addresses: readonly SocketAddress[]): Promise<BindFault | null>;
  /** Answers what is in the queues, and stops listening. TCP connections go on. */
  close(addresses: readonly SocketAddress[]): Promise<void>;
  closeAll(): Promise<void>;
  /** How many addresses are bound. */
  readonly size: number;
  /** Of the UDP sockets, those that are closed among them. */
  stats(): WorkerStats;
}

interface Binding {
  readonly udp: UdpSocket;
  readonly tcp: TcpListener;
}

export interface BindingsDeps {
  readonly openUdp: OpenUdpSocket;
  readonly handleUdp: UdpHandler;
  readonly tcp: TcpServer;
  readonly reusePort: WorkerData['reusePort'];
}

export function createBindings({ openUdp, handleUdp, tcp, reusePort }: BindingsDeps): Bindings {
  const bindings = new Map<string, Binding>();
  const exclusively = createQueue();
  let ofClosed = NO_STATS;

  const openOne = async ({ host, port }: SocketAddress): Promise<BindFault | null> => {
    const options = { host, port, reusePort };
    const udp = await attempt(openUdp({ ...options, ipv6Only: true }, handleUdp), options, 'UDP');
    if ('code' in udp) return udp;
    const listener = await attempt(tcp.listen(options), options, 'TCP');
    if ('code' in listener) {
      await udp.close();
      return listener;
    }
    bindings.set(keyOf({ host, port }), { udp, tcp: listener });
    return null;
  };

  const close = async (addresses: readonly SocketAddress[]): Promise<void> => {
    const closing = addresses.map(keyOf).flatMap((key) => {
      const binding = bindings.get(key);
      bindings.delete(key);
      return binding ?? [];
    });
    for (const { udp } of closing) udp.leave();
    if (closing.length > 0) await sleep(SETTLE_MS);
    for (const binding of closing) {
      await runDry(binding.udp); // a turn of the loop: what waits at the TCP listener is accepted in it, too
      await binding.tcp.close();
      await binding.udp.close();
      ofClosed = addStats(ofClosed, ofUdp(binding.udp.stats()));
    }
  };

  const openAll = async (addresses: readonly SocketAddress[]): Promise<BindFault | null> => {
    const missing = addresses.filter((address) => !bindings.has(keyOf(address)));
    for (const address of missing) {
      const fault = await openOne(address);
      if (fault === null) continue;
      await close(missing);
      return fault;
    }
    return null;
  };

  return {
    open: (addresses) => exclusively(() => openAll(addresses)),
    close: (addresses) => exclusively(() => close(addresses)),
    closeAll: () => exclusively(() => close([...bindings.values()].map(({ udp }) => udp))),
    get size() {
      return bindings.size;
    },
    stats: () => [...bindings.values()].reduce((sum, { udp }) => addStats(sum, ofUdp(udp.stats())), ofClosed),
  };
}

async function attempt<T>(
  bound: Promise<T>,
  { host, port }: SocketAddress,
  protocol: Protocol,
): Promise<T | BindFault> {
  try {
    return await bound;
  } catch (error) {
    return { host, port, protocol, code: codeOf(error) };
  }
}

/** Waits for a turn of the loop without a datagram: what is in the queue of a socket when it closes is lost. */
async function runDry(udp: UdpSocket): Promise<void> {
  let before = -1;
  for (let turn = 0; turn < LAST_TURNS; turn++) {
    const { received, dropped } = udp.stats();
    const seen = received + dropped.tooLong + dropped.sourcePort;
    if (seen === before) return;
    before = seen;
    await nextTurn();
  }
}
