/** A host and a port in one text. */
import type { SocketAddress } from './config.ts';

/** Splits at the last colon; an IPv6 address needs its brackets. Null when there is no port from 0 to 65535. */
export function splitHostPort(written: string): SocketAddress | null {
  const [, bracketed, bare, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(written) ?? [];
  const host = bracketed ?? bare;
  const port = Number(digits);
  if (host === undefined || !(port <= 65535)) return null;
  return bracketed !== undefined && !bracketed.includes(':') ? null : { host, port };
}

/** The other way round. */
export function formatHostPort({ host, port }: SocketAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
