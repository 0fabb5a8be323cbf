/** The address of a peer: 16 octets, IPv4 ones mapped into IPv6 (RFC 4291 §2.5.5.2). */

export const ADDRESS_OCTETS = 16;
/** Where the IPv4 address stands in a mapped one. */
export const IPV4_AT = 12;

export function isIPv4Mapped(peers: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (peers[at + i] !== 0) return false;
  return peers[at + 10] === 0xff && peers[at + 11] === 0xff;
}
