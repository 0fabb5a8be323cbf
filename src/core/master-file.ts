/** Records as a master file writes them (RFC 1035 §5.1). */
import type { Rdata, RRset } from './rr.ts';

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
