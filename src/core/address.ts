/** IP addresses as text and as octets, without the help of any library: the core has none. */

/** Octets of an IPv4 address in dotted form; null when it is none. Leading zeros are refused, as by inet_pton. */
export function parseIPv4(text: string): readonly number[] | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /(^|\.)0\d/.test(text)) return null;
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet <= 255) ? octets : null;
}

/** The 16 octets of an IPv6 address in any form of RFC 4291 §2.2, without a scope; null when it is none. */
export function parseIPv6(text: string): readonly number[] | null {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return null;
  const left = groupOctets(head, tail === undefined);
  const right = groupOctets(tail ?? '', true);
  if (!left || !right) return null;
  const missing = 16 - left.length - right.length;
  const fits = tail === undefined ? missing === 0 : missing >= 2;
  return fits ? [...left, ...new Array<number>(missing).fill(0), ...right] : null;
}

/** Octets of groups between colons; the last group may be an IPv4 address when it ends the whole address. */
function groupOctets(groups: string, endsAddress: boolean): readonly number[] | null {
  if (groups === '') return [];
  const octets: number[] = [];
  const parts = groups.split(':');
  for (const [i, part] of parts.entries()) {
    const dotted = endsAddress && i === parts.length - 1 ? parseIPv4(part) : null;
    if (dotted) octets.push(...dotted);
    else if (/^[0-9a-f]{1,4}$/i.test(part))
      octets.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff);
    else return null;
  }
  return octets;
}

/** The canonical text of 16 octets (RFC 5952 §4, and §5 for IPv4-mapped addresses). */
export function formatIPv6(octets: readonly number[]): string {
  const isMapped = octets.slice(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff;
  if (isMapped) return `::ffff:${octets.slice(12).join('.')}`;
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)).toString(16),
  );
  const text = groups.join(':');
  const zeros = [...text.matchAll(/(?<![0-9a-f])0(:0)+(?![0-9a-f])/g)];
  const longest = zeros.reduce((best, [run]) => (run.length > best.length ? run : best), '');
  if (longest === '') return text;
  const at = zeros.find(([run]) => run === longest)?.index ?? 0;
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}

/** The family of a valid address. */
export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}
