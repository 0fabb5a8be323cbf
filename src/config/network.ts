/** Addresses, host:port and URLs as they stand in a config. */
import { BlockList, isIP } from 'node:net';
import type { SocketAddress } from './config.ts';
import { mustBe, Refusal, refuse, scalarText, value } from './values.ts';

/**
 * An IP address in canonical text (RFC 5952).
 * IPv4-mapped IPv6 addresses are refused: in an AAAA record they are wrong, and to connect to they are IPv4.
 */
export function readAddress(raw: unknown): string | Refusal {
  if (typeof raw !== 'string' || isIP(raw) === 0 || raw.includes('%')) return mustBe('an IP address');
  const address = canonicalAddress(raw);
  const mapped = mappedIPv4(address);
  return mapped === null ? address : refuse(`is an IPv4-mapped IPv6 address: write ${mapped}`);
}

export const address = value(readAddress);

/** The canonical text of a valid address; a scope (`%eth0`) stays. */
export function canonicalAddress(valid: string): string {
  if (isIP(valid) === 4) return valid;
  const [plain = '', scope] = valid.split('%');
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  return scope === undefined ? canonical : `${canonical}%${scope}`;
}

function mappedIPv4(canonical: string): string | null {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return null;
  const bits = Number.parseInt(high, 16) * 65536 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/** `192.0.2.1:53`, `[2001:db8::1]:53`: an address to listen on. Port 0 lets the system choose. */
export const socketAddress = value((raw): SocketAddress | Refusal => {
  const parts = typeof raw === 'string' ? splitHostPort(raw) : null;
  if (!parts || isIP(parts.host) === 0) return mustBe('an address and a port such as 127.0.0.1:53 or [::1]:53');
  return { host: canonicalAddress(parts.host), port: parts.port };
});

/** Splits at the last colon; an IPv6 address needs its brackets. Null when there is no port from 0 to 65535. */
export function splitHostPort(written: string): SocketAddress | null {
  const [, bracketed, bare, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(written) ?? [];
  const host = bracketed ?? bare;
  const port = Number(digits);
  if (host === undefined || !(port <= 65535)) return null;
  return bracketed !== undefined && isIP(bracketed) !== 6 ? null : { host, port };
}

/** The other way round. */
export function formatHostPort({ host, port }: SocketAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only this host can reach it. */
export function isLoopback(host: string): boolean {
  return host === '::1' || /^127\./.test(host);
}

/**
 * An http or https URL in normal form. Without user and password: undici would not send them, and they would be seen.
 */
export function readHttpUrl(raw: unknown): string | Refusal {
  const url = typeof raw === 'string' ? URL.parse(raw) : null;
  if (url && (url.username !== '' || url.password !== '')) {
    return refuse('must not hold a user or password: send them in a header');
  }
  if (!url || !/^https?:$/.test(url.protocol) || url.port === '0') {
    // What looks as if it held a secret is not shown.
    return /[@?]/.test(scalarText(raw)) ? refuse('must be an http or https URL') : mustBe('an http or https URL');
  }
  url.hash = '';
  return url.href;
}

/** A host as it stands in a URL: a name (internationalised ones become A-labels) or an address without brackets. */
export const hostName = value((raw): string | Refusal => {
  if (typeof raw !== 'string') return mustBe('a host name');
  if (isIP(raw) !== 0) return canonicalAddress(raw);
  const url = /^[^\s/?#@:[\]\\]+$/.test(raw) ? URL.parse(`http://${raw}/`) : null;
  return url ? url.hostname : mustBe('a host name');
});

/** One local address, or one for each family. */
export const sourceAddresses = value((raw): readonly string[] | Refusal => {
  const list = (Array.isArray(raw) ? raw : [raw]).map(readAddress);
  const addresses = list.filter((item) => typeof item === 'string');
  const families = new Set(addresses.map(isIP));
  const fits = addresses.length === list.length && families.size === list.length && list.length > 0;
  return fits ? addresses : mustBe('an IP address, or a list of one for each family');
});

/** The address of one server that a client could reach. */
export const serverAddress = value((raw): string | Refusal => {
  const known = readAddress(raw);
  if (known instanceof Refusal) return known;
  return NO_SERVER.check(known, isIP(known) === 6 ? 'ipv6' : 'ipv4') ? mustBe('the address of one server') : known;
});

/** Unspecified, multicast, reserved and link-local addresses (RFC 6890). */
const NO_SERVER = new BlockList();
NO_SERVER.addSubnet('0.0.0.0', 8);
NO_SERVER.addSubnet('224.0.0.0', 3);
NO_SERVER.addAddress('::', 'ipv6');
NO_SERVER.addSubnet('ff00::', 8, 'ipv6');
NO_SERVER.addSubnet('fe80::', 10, 'ipv6');
