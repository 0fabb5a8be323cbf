/** The address of a peer: 16 octets, IPv4 ones mapped into IPv6 (RFC 4291 §2.5.5.2). */

export const ADDRESS_OCTETS = 16;
/** Where the IPv4 address stands in a mapped one. */
export const IPV4_AT = 12;

/** @param peers of whole addresses, one of which stands at `at`. */
export function isIPv4Mapped(peers: DataView, at: number): boolean {
  return peers.getInt32(at) === 0 && peers.getInt32(at + 4) === 0 && peers.getInt32(at + 8) === 0xffff;
}
