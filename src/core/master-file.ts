/** Records as a master file writes them (RFC 1035 §5.1). */
import { compareNames, type OwnerName } from './name.ts';
import { type Rdata, type RRset, TYPE_CODES } from './rr.ts';
import type { ZoneContent } from './zone.ts';

/**
 * A zone as a master file, which other name servers and `named-checkzone` read: the SOA first, then in canonical order
 * (RFC 4034 §6.1). What a master file cannot say stands in comments.
 */
export function formatZone(content: ZoneContent): string {
  const { apex, soa, soaTtlSeconds, rrsets } = content;
  const soaRRset: RRset = { owner: apex, type: 'SOA', ttlSeconds: soaTtlSeconds, rdatas: [soa] };
  const owners = new Set(rrsets.map(({ owner }) => owner));
  const bare = content.names.filter((name) => !owners.has(name)).toSorted(compareNames);
  const degraded = (Object.entries(content.degraded) as [OwnerName, string][]).toSorted(([a], [b]) =>
    compareNames(a, b),
  );
  const lines = [
    ...bare.map((name) => `; ${name} exists, but has no record now`),
    ...degraded.map(([name, text]) => `; ${name} is degraded: ${text.replace(/[^ -~]/g, '?')}`),
    ...[soaRRset, ...rrsets.toSorted(compareRRsets)].flatMap(formatRRset),
  ];
  return `${lines.join('\n')}\n`;
}

function compareRRsets(a: RRset, b: RRset): number {
  return compareNames(a.owner, b.owner) || TYPE_CODES[a.type] - TYPE_CODES[b.type];
}

/** A record's data, names in full: `10 mail.example.com.`. */
export function formatRdata(rdata: Rdata): string {
  switch (rdata.type) {
    case 'A':
    case 'AAAA':
      return rdata.address;
    case 'NS':
      return rdata.nsdname;
    case 'CNAME':
      return rdata.cname;
    case 'MX':
      return `${rdata.preference} ${rdata.exchange}`;
    case 'TXT':
      return rdata.strings.map(quoteOctets).join(' ');
    case 'SRV':
      return `${rdata.priority} ${rdata.weight} ${rdata.port} ${rdata.target}`;
    case 'CAA':
      return `${rdata.flags} ${rdata.tag} ${quoteOctets(rdata.value)}`;
    case 'SOA':
      return [
        rdata.mname,
        rdata.rname,
        rdata.serial,
        rdata.refreshSeconds,
        rdata.retrySeconds,
        rdata.expireSeconds,
        rdata.minimumSeconds,
      ].join(' ');
  }
}

/** One line for each record: `www.example.com. 300 IN A 192.0.2.1`. */
export function formatRRset({ owner, type, ttlSeconds, rdatas }: RRset): readonly string[] {
  return rdatas.map((rdata) => `${owner}\t${ttlSeconds}\tIN\t${type}\t${formatRdata(rdata)}`);
}

function quoteOctets(octets: string): string {
  const escaped = octets.replace(/[^ -~]|["\\]/g, (octet) =>
    octet >= ' ' && octet <= '~' ? `\\${octet}` : `\\${String(octet.charCodeAt(0)).padStart(3, '0')}`,
  );
  return `"${escaped}"`;
}
