/**
 * Whether addresses are free, tried by binding them for oneself. The workers share theirs (SO_REUSEPORT), and so would a
 * second failoverd of the same user, without an error: this is what refuses it.
 */
import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { ListenError } from '../runtime/ports.ts';
import { keyOf, type Place, type SocketAddress } from './addresses.ts';
import { asAddress } from './udp-dgram.ts';

/**
 * Below those that Linux gives to connections (`ip_local_port_range`): a probe could take one of them between the claim and the
 * workers' own binding.
 */
const QUIET_PORTS = [10_000, 32_768] as const;

/** How many ports are tried until one is free for UDP and TCP on all addresses. */
const PORT_ATTEMPTS = 20;

export type Protocol = 'UDP' | 'TCP';

/** Why an address could not be bound. Plain data: it crosses threads. */
export interface BindFault {
  readonly host: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** The errno name. */
  readonly code: string;
}

/** Not to be had on this machine, or not yet: a tentative IPv6 address, an interface that has just gone. */
const ABSENT = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENODEV', 'EINVAL'];

export interface Claim {
  /** With their ports; those from a wildcard that are not there are left out. */
  readonly places: readonly Place[];
  /** The port of those that had port 0; null when there was none. */
  readonly chosenPort: number | null;
}

/**
 * Tries to bind each place for UDP and TCP, having found one port for all that have port 0.
 * @throws {ListenError} for the first that cannot be bound.
 */
export async function claim(places: readonly Place[]): Promise<Claim> {
  if (places.every(({ port }) => port !== 0)) return { places: await claimAll(places), chosenPort: null };
  for (let attempt = 1; ; attempt++) {
    const chosenPort = randomInt(...QUIET_PORTS);
    try {
      return { places: await claimAll(places.map((place) => withPort(place, chosenPort))), chosenPort };
    } catch (error) {
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** The same, with the port chosen where it was 0. */
export function withPort<T extends SocketAddress>(address: T, chosenPort: number | null): T {
  return address.port === 0 && chosenPort !== null ? { ...address, port: chosenPort } : address;
}

/** @throws {ListenError} */
async function claimAll(places: readonly Place[]): Promise<readonly Place[]> {
  const claimed: Place[] = [];
  for (const place of places) {
    const fault = (await tryUdp(place)) ?? (await tryTcp(place));
    if (fault === null) claimed.push(place);
    else if (!(place.isExpanded && ABSENT.includes(fault.code))) throw listenError(fault);
  }
  return claimed;
}

async function tryUdp({ host, port }: SocketAddress): Promise<BindFault | null> {
  const socket = udpSocket(host);
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address: host, port, exclusive: true });
    await listening;
    return null;
  } catch (error) {
    return { host, port, protocol: 'UDP', code: codeOf(error) };
  } finally {
    await closed(socket);
  }
}

async function tryTcp({ host, port }: SocketAddress): Promise<BindFault | null> {
  const server = net.createServer();
  try {
    server.listen({ host, port, exclusive: true, ipv6Only: net.isIPv6(host) });
    await once(server, 'listening');
    return null;
  } catch (error) {
    return { host, port, protocol: 'TCP', code: codeOf(error) };
  } finally {
    await closed(server);
  }
}

function udpSocket(host: string): dgram.Socket {
  const isIpv6 = net.isIPv6(host);
  return dgram.createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6, lookup: asAddress });
}

function closed(socket: { close(callback: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => void socket.close(resolve));
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** The one line that an operator gets. */
export function listenError(fault: BindFault): ListenError {
  return new ListenError(`${keyOf(fault)} (${fault.protocol}) ${complaint(fault)}`);
}

function complaint({ code, port }: BindFault): string {
  if (code === 'EADDRINUSE') return 'is taken by another process; stop it or change "listen"';
  if (code === 'EACCES' || code === 'EPERM') {
    return `may not be bound by this user: port ${port} needs root, CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE) or sysctl net.ipv4.ip_unprivileged_port_start=${port}`;
  }
  if (ABSENT.includes(code)) return 'is no address of this machine; change "listen"';
  return `cannot be bound: ${code}`;
}
