import { type OwnerName, parseOwnerName } from '../../src/core/name.ts';
import { parseRdata, parseTxt, type StaticRRType } from '../../src/core/rdata-text.ts';
import type { Rdata, RRset } from '../../src/core/rr.ts';

/** A name that a test knows to be one. */
export function name(text: string): OwnerName {
  const parsed = parseOwnerName(text);
  if (!parsed.ok) throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}

export function rdata(type: StaticRRType, text: string, origin = '.'): Rdata {
  const parsed = type === 'TXT' && !text.startsWith('"') ? parseTxt([text]) : parseRdata(type, text, name(origin));
  if (!parsed.ok) throw new Error(`${type} ${text} ${parsed.problem}`);
  return parsed.value;
}

/** RRsets of lines such as `www 300 A 192.0.2.1`; names are relative to the origin. Equal owners and types become one RRset. */
export function rrsets(origin: string, lines: string): readonly RRset[] {
  const sets = new Map<string, RRset>();
  for (const line of lines.split('\n')) {
    const [, owner = '', ttl, type, data = ''] = /^\s*(\S+)\s+(\d+)\s+(\w+)\s+(.+)$/.exec(line) ?? [];
    if (type === undefined) continue;
    const parsed = parseOwnerName(owner, name(origin));
    if (!parsed.ok) throw new Error(`${owner} ${parsed.problem}`);
    const key = `${parsed.value} ${type}`;
    const rdatas = [...(sets.get(key)?.rdatas ?? []), rdata(type as StaticRRType, data, origin)];
    sets.set(key, { owner: parsed.value, type: type as StaticRRType, ttlSeconds: Number(ttl), rdatas });
  }
  return [...sets.values()];
}
