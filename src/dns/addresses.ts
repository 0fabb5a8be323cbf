/** Which addresses to bind for what the config says: a wildcard becomes the addresses that the interfaces have. */
import type { NetworkInterfaceInfo } from 'node:os';

/** A socket address, as the config says it: port 0 is not chosen yet. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** An address to be bound, once for UDP and once for TCP. */
export interface Place extends SocketAddress {
  /** From a wildcard: when it is not there any more, the config is still right. */
  readonly isExpanded: boolean;
}

/** What os.networkInterfaces() gives. */
export type Interfaces = Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>;

/** How often the interfaces are looked at when there is a wildcard. */
export const INTERFACES_EVERY_MS = 2000;

/** For how long the sockets of an address stay that is gone: a cable that is pulled for a moment costs nothing. */
export const GONE_AFTER_MS = 30_000;

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

export function keyOf({ host, port }: SocketAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Each address once, those that the config names itself first. node:dgram cannot choose the address that a reply leaves
 * from: so that it is the one that was asked, each address has a socket of its own.
 */
export function expandListen(listen: readonly SocketAddress[], interfaces: Interfaces): readonly Place[] {
  const named = listen.filter(({ host }) => !isWildcard(host)).map((address) => ({ ...address, isExpanded: false }));
  const expanded = listen.filter(({ host }) => isWildcard(host)).flatMap((address) => expand(address, interfaces));
  const places = new Map<string, Place>();
  for (const place of [...named, ...expanded]) if (!places.has(keyOf(place))) places.set(keyOf(place), place);
  return [...places.values()];
}

function expand({ host, port }: SocketAddress, interfaces: Interfaces): readonly Place[] {
  const family = host === '::' ? 'IPv6' : 'IPv4';
  return Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos
      .filter((info) => info.family === family)
      .map((info) => ({ host: hostOf(info, name), port, isExpanded: true })),
  );
}

/** A link-local address means something only together with its link (RFC 4007 §11). */
function hostOf({ address, scopeid = 0 }: NetworkInterfaceInfo, name: string): string {
  return scopeid === 0 || address.includes('%') ? address : `${address}%${name}`;
}

/**
 * What to open and to close after another look at the interfaces.
 * @param goneSinceMs by key, since when an address that is bound has been missing; this function keeps it.
 */
export function follow(
  bound: readonly Place[],
  wanted: readonly Place[],
  goneSinceMs: Map<string, number>,
  nowMs: number,
): { readonly open: readonly Place[]; readonly close: readonly Place[] } {
  const boundKeys = new Set(bound.map(keyOf));
  const wantedKeys = new Set(wanted.map(keyOf));
  for (const key of goneSinceMs.keys()) if (wantedKeys.has(key) || !boundKeys.has(key)) goneSinceMs.delete(key);
  const missing = bound.filter((place) => !wantedKeys.has(keyOf(place)));
  for (const place of missing) if (!goneSinceMs.has(keyOf(place))) goneSinceMs.set(keyOf(place), nowMs);
  return {
    open: wanted.filter((place) => !boundKeys.has(keyOf(place))),
    close: missing.filter((place) => nowMs - (goneSinceMs.get(keyOf(place)) ?? nowMs) >= GONE_AFTER_MS),
  };
}
