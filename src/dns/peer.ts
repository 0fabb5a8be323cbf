/** Addresses in text form, as the sockets give them, turned into the octets of {@link import('./udp-socket.ts').UdpBatch.peers}. */

const DOT = 0x2e;
const COLON = 0x3a;
const PERCENT = 0x25;

/** Writes four octets. The text is the kernel's own (`192.0.2.1`), so nothing is checked. */
export function writeIpv4(text: string, into: Uint8Array, at: number): void {
  let octet = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      into[at++] = octet;
      octet = 0;
    } else octet = octet * 10 + code - 0x30;
  }
  into[at] = octet;
}

/** Writes 16 octets, whatever the spelling (RFC 4291 §2.2); a scope (`%eth0`) is left out. */
export function writeIpv6(text: string, into: Uint8Array, at: number): void {
  let end = at;
  let gap = -1;
  let group = 0;
  let groupStart = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : PERCENT;
    if (code === DOT) {
      writeIpv4(text.slice(groupStart), into, end);
      end += 4;
      break;
    }
    if (code !== COLON && code !== PERCENT) {
      group = group * 16 + hexDigit(code);
      continue;
    }
    if (i > groupStart) {
      into[end++] = group >> 8;
      into[end++] = group;
    } else if (i > 0 && code === COLON) gap = end;
    if (code === PERCENT) break;
    group = 0;
    groupStart = i + 1;
  }
  if (gap >= 0) openGap(into, at, gap, end);
}

/** Writes 16 octets: an IPv4 address as an IPv4-mapped one. */
export function writeAddress(text: string, into: Uint8Array, at: number): void {
  if (text.includes(':')) writeIpv6(text, into, at);
  else {
    into.fill(0, at, at + 10).fill(0xff, at + 10, at + 12);
    writeIpv4(text, into, at + 12);
  }
}

/** Puts zeros where `::` stood, and what followed it to the end. */
function openGap(into: Uint8Array, at: number, gap: number, end: number): void {
  const after = at + 16 - (end - gap);
  into.copyWithin(after, gap, end);
  into.fill(0, gap, after);
}

function hexDigit(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}
