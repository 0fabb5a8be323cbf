/**
 * The mix of queries that everything is measured with: 70 % A and 10 % AAAA of existing names, 10 % A of random names that do
 * not exist, 10 % SOA, NS and TXT of the apex; half of all with EDNS(0). Seeded, so that every run asks the same.
 */

export const ZONE = 'fo.example';
const QUERIES = 100_000;
const QTYPES = { A: 1, NS: 2, SOA: 6, TXT: 16, AAAA: 28 } as const;
const APEX_TYPES = ['SOA', 'NS', 'TXT'] as const;

/** The failover names of the zone: `app` alone, or `app0`, `app1`, … */
export function recordNames(count: number): string[] {
  return count === 1 ? ['app'] : Array.from({ length: count }, (_, i) => `app${i}`);
}

/** A small generator with a seed (mulberry32): uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One query in wire form (RFC 1035 §4), with id 0, RD clear and, if asked for, an OPT of 1,232 octets (RFC 6891). */
export function encodeQuery(name: string, qtype: keyof typeof QTYPES, edns: boolean): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, edns ? 1 : 0]);
  const labels = name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'));
  const question = Buffer.from([0, 0, QTYPES[qtype], 0, 1]);
  const opt = Buffer.from(edns ? [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0] : []);
  return Buffer.concat([header, ...labels, question, opt]);
}

/** The mix as bench/c/load.c reads it: each message after two octets of its length. */
export function encodeMix(records: number): Buffer {
  const random = seededRandom(53);
  const names = recordNames(records);
  const existing = () => `${names[Math.floor(random() * names.length)]}.${ZONE}`;
  const missing = () => `${random().toString(36).slice(2, 12).padEnd(10, 'x')}.${ZONE}`;
  const parts: Buffer[] = [];
  for (let i = 0; i < QUERIES; i++) {
    const share = random();
    const edns = random() < 0.5;
    const query =
      share < 0.7
        ? encodeQuery(existing(), 'A', edns)
        : share < 0.8
          ? encodeQuery(existing(), 'AAAA', edns)
          : share < 0.9
            ? encodeQuery(missing(), 'A', edns)
            : encodeQuery(ZONE, APEX_TYPES[i % 3] ?? 'SOA', edns);
    parts.push(Buffer.from([query.length >> 8, query.length & 255]), query);
  }
  return Buffer.concat(parts);
}
