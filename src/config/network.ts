/** Addresses, host:port and URLs as they stand in a config. */
import { BlockList } from 'node:net';
import { familyOf, formatIPv6, parseIPv4, parseIPv6 } from '../core/address.ts';
import type { SocketAddress } from './config.ts';
import { splitHostPort } from './host-port.ts';
import { mustBe, Refusal, refuse } from './refusal.ts';
import { type EditorHint, scalarText, value } from './values.ts';

/** For editors: a name or an address, with or without a port. Which, is said by `failoverd check`. */
const ADDRESS: EditorHint = { type: 'string', minLength: 2 };

/**
 * An IP address in canonical text (RFC 5952).
 * IPv4-mapped IPv6 addresses are refused: in an AAAA record they are wrong, and to connect to they are IPv4.
 */
export function readAddress(raw: unknown): string | Refusal {
  const address = typeof raw === 'string' ? canonicalAddress(raw) : null;
  if (address === null) return mustBe('an IP address');
  const [, mapped] = /^::ffff:([\d.]+)$/.exec(address) ?? [];
  return mapped === undefined ? address : refuse(`is an IPv4-mapped IPv6 address: write ${mapped}`);
}

/** Null for what is no address. */
function canonicalAddress(text: string): string | null {
  const octets = parseIPv6(text);
  if (octets) return formatIPv6(octets);
  return parseIPv4(text)?.join('.') ?? null;
}

/** The same for an address of this host, which may have a scope: `fe80::1%eth0`. */
function canonicalLocalAddress(text: string): string | null {
  const [address = '', scope, ...more] = text.split('%');
  const canonical = canonicalAddress(address);
  if (scope === undefined || canonical === null) return canonical;
  return /^[\w.-]+$/.test(scope) && more.length === 0 && canonical.includes(':') ? `${canonical}%${scope}` : null;
}

/** `192.0.2.1:53`, `[2001:db8::1]:53`: an address to listen on. Port 0 lets the system choose. */
export const socketAddress = value(
  (raw): SocketAddress | Refusal => {
    const parts = typeof raw === 'string' ? splitHostPort(raw) : null;
    const host = parts && canonicalLocalAddress(parts.host);
    if (!host) return mustBe('an address and a port such as 127.0.0.1:53 or [::1]:53');
    return { host, port: parts.port };
  },
  { editor: ADDRESS },
);

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
export function readHostName(raw: unknown): string | Refusal {
  if (typeof raw !== 'string') return mustBe('a host name');
  const address = canonicalAddress(raw);
  if (address !== null) return address;
  const url = /^[^\s/?#@:[\]\\]+$/.test(raw) ? URL.parse(`http://${raw}/`) : null;
  return url ? url.hostname : mustBe('a host name');
}

export const hostName = value(readHostName, { editor: ADDRESS });

/** One local address, or one for each family. */
export const sourceAddresses = value(
  (raw): readonly string[] | Refusal => {
    const list = (Array.isArray(raw) ? raw : [raw]).map(readAddress);
    const addresses = list.filter((item) => typeof item === 'string');
    const families = new Set(addresses.map(familyOf));
    const fits = addresses.length === list.length && families.size === list.length && list.length > 0;
    return fits ? addresses : mustBe('an IP address, or a list of one for each family');
  },
  { editor: { type: ['string', 'array'], items: ADDRESS } },
);

/** The address of one server that a client could reach. */
export const serverAddress = value(
  (raw): string | Refusal => {
    const known = readAddress(raw);
    if (known instanceof Refusal) return likelySlip(scalarText(raw)) ?? known;
    return NO_SERVER.check(known, familyOf(known) === 6 ? 'ipv6' : 'ipv4')
      ? mustBe('the address of one server')
      : known;
  },
  { editor: ADDRESS },
);

/** What is often written where an address belongs, and what to write instead. */
function likelySlip(written: string): Refusal | null {
  const parts = splitHostPort(written);
  if (parts && canonicalAddress(parts.host))
    return refuse('has a port: write the address alone, and the port in the check');
  if (!/^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*\.?$/i.test(written)) return null;
  return refuse('is a name: write the IP addresses behind it, which are what is answered');
}

/** Unspecified, multicast, reserved and link-local addresses (RFC 6890). */
const NO_SERVER = new BlockList();
NO_SERVER.addSubnet('0.0.0.0', 8);
NO_SERVER.addSubnet('224.0.0.0', 3);
NO_SERVER.addAddress('::', 'ipv6');
NO_SERVER.addSubnet('ff00::', 8, 'ipv6');
NO_SERVER.addSubnet('fe80::', 10, 'ipv6');
