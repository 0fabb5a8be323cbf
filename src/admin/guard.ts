/** Who may ask: checks of a request's headers, without the network. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/**
 * Whether a Host or an Origin names this server. A page of another site that got its name to resolve to this machine
 * (DNS rebinding) sends its own name, so only these are taken: loopback names and addresses, the host that is configured,
 * and the address that the connection was made to.
 */
export function isOwnHost(host: string, configured: string, localAddress: string): boolean {
  const name = hostnameOf(host);
  if (name === null) return false;
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  if (isIP(name) === 4 && name.startsWith('127.')) return true;
  return ['::1', configured, localAddress].some((own) => hostnameOf(bracketed(own)) === name);
}

/** The host of `name`, `name:port`, `192.0.2.1:port` or `[2001:db8::1]:port`, in its canonical form; null when it is none of these. */
function hostnameOf(host: string): string | null {
  if (/[/?#@\\\s]/.test(host) || !URL.canParse(`http://${host}`)) return null;
  return new URL(`http://${host}`).hostname.replace(/^\[|\]$|\.$/g, '');
}

/** An address as it stands in a URL. IPv4 that came over an IPv6 socket is IPv4. */
function bracketed(host: string): string {
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(plain) === 6 ? `[${plain}]` : plain;
}

/** The host of an Origin header (RFC 6454 §7); null for `null` and what is no origin. */
export function hostOfOrigin(origin: string): string | null {
  return /^https?:\/\/([^/]+)$/.exec(origin)?.[1] ?? null;
}

/** Whether an Authorization header carries the token (RFC 6750 §2.1). Takes the same time whatever is wrong with it. */
export function carriesToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
