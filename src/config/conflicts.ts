/** What a zone cannot hold together. */
import { isSubdomainOf, type OwnerName, shown } from '../core/name.ts';
import type { Rdata } from '../core/rr.ts';
import type { NameKey } from './names.ts';
import type { Report } from './report.ts';
import type { StaticRecord } from './static.ts';

/** Everything in a zone that has an owner name. */
export interface ZoneNames {
  readonly apex: OwnerName;
  readonly records: readonly NameKey[];
  /** Those with addresses in this zone. */
  readonly nameservers: readonly NameKey[];
  readonly statics: readonly StaticRecord[];
  /** Zones below this one that are served here too. */
  readonly inner: readonly OwnerName[];
}

/** Reports every pair of data that excludes each other. */
export function refuseConflicts(report: Report, zone: ZoneNames): void {
  const byOwner = Map.groupBy(zone.statics, ({ owner }) => owner);
  for (const [owner, group] of byOwner) {
    refuseAtApex(report, zone, group);
    refuseBesideCname(report, owner, group);
    refuseRRsetFaults(report, group);
  }
  refuseAddressTwice(report, zone, byOwner);
  refuseBelowCuts(report, zone, byOwner);
  refuseAliasTargets(report, zone, byOwner);
}

type ByOwner = ReadonlyMap<OwnerName, readonly StaticRecord[]>;

function refuseAtApex(report: Report, { apex }: ZoneNames, group: readonly StaticRecord[]): void {
  for (const { owner, rdata, path } of group) {
    if (owner !== apex) continue;
    if (rdata.type === 'CNAME')
      report.error(path, 'a CNAME cannot stand at the apex, beside SOA and NS (RFC 1034 §3.6.2)');
    if (rdata.type === 'NS') report.error(path, 'the apex\'s NS records come from "nameservers"');
  }
}

function refuseBesideCname(report: Report, owner: OwnerName, group: readonly StaticRecord[]): void {
  const cname = group.find(({ rdata }) => rdata.type === 'CNAME');
  if (!cname || group.length === 1) return;
  const place = group.findLast((record) => record !== cname) ?? cname;
  report.error(place.path, `${shown(owner)} has a CNAME and can have no other record (RFC 1034 §3.6.2)`);
}

function refuseRRsetFaults(report: Report, group: readonly StaticRecord[]): void {
  const seen = new Set<string>();
  const ttls = new Map<string, number>();
  for (const { owner, rdata, ttlSeconds, path } of group) {
    const text = JSON.stringify(rdata);
    const ttl = ttls.get(rdata.type) ?? ttlSeconds;
    if (seen.has(text)) report.error(path, `this ${rdata.type} record of ${shown(owner)} is given twice`);
    else if (ttl !== ttlSeconds) {
      report.error(path, `the ${rdata.type} records of ${shown(owner)} must have one ttl (RFC 2181 §5.2)`);
    }
    seen.add(text);
    ttls.set(rdata.type, ttl);
  }
}

/** A name gets its addresses from one place. */
function refuseAddressTwice(report: Report, zone: ZoneNames, byOwner: ByOwner): void {
  const records = new Set(zone.records.map(({ name }) => name));
  for (const { name, path } of zone.nameservers) {
    if (records.has(name)) report.refuseKey(path, 'is a failover record too: a name server keeps its address');
    refuseStaticAddress(report, name, byOwner, 'nameservers');
  }
  for (const name of records) refuseStaticAddress(report, name, byOwner, 'records');
}

function refuseStaticAddress(report: Report, name: OwnerName, byOwner: ByOwner, other: string): void {
  for (const { rdata, path } of byOwner.get(name) ?? []) {
    if (isAddress(rdata) || rdata.type === 'CNAME') {
      report.error(path, `${shown(name)} stands under "${other}" and can have no static ${rdata.type}`);
    }
  }
}

/** Data at or below a delegation are not answered (RFC 1034 §4.2.1), but for the addresses of its name servers. */
function refuseBelowCuts(report: Report, zone: ZoneNames, byOwner: ByOwner): void {
  const cuts = zone.statics.filter(({ owner, rdata }) => rdata.type === 'NS' && owner !== zone.apex);
  const innerOf = (name: OwnerName) => zone.inner.find((inner) => isSubdomainOf(name, inner));
  const cutOf = (name: OwnerName) => cuts.find(({ owner }) => isSubdomainOf(name, owner))?.owner;
  const whyHidden = (name: OwnerName): string | null => {
    const [inner, cut] = [innerOf(name), cutOf(name)];
    if (inner !== undefined) return `belongs to the zone ${shown(inner)}, which is served here too`;
    return cut === undefined ? null : `lies at or below the delegation of ${shown(cut)}`;
  };
  for (const { name, path } of zone.records) {
    const reason = whyHidden(name);
    if (reason !== null) report.refuseKey(path, reason);
  }
  for (const { owner, rdata, path } of zone.statics) {
    const isAtCut = rdata.type === 'NS' && (owner === cutOf(owner) || owner === innerOf(owner));
    const reason = isAddress(rdata) || isAtCut ? null : whyHidden(owner);
    if (reason !== null) report.error(path, `${shown(owner)} ${reason}`);
  }
  for (const cut of cuts) refuseBrokenCut(report, cut, byOwner);
}

function isAddress({ type }: Rdata): boolean {
  return type === 'A' || type === 'AAAA';
}

function refuseBrokenCut(report: Report, { owner, rdata, path }: StaticRecord, byOwner: ByOwner): void {
  if (owner.startsWith('*.')) report.error(path, 'a wildcard cannot be delegated (RFC 4592 §4.2)');
  if (rdata.type !== 'NS' || !isSubdomainOf(rdata.nsdname, owner)) return;
  const hasAddress = byOwner.get(rdata.nsdname)?.some((record) => isAddress(record.rdata));
  if (!hasAddress)
    report.error(path, `${shown(rdata.nsdname)} lies below the delegation and needs a static A or AAAA (glue)`);
}

/** Names that other records point to may not be aliases (RFC 2181 §10.3), and aliases may not point to themselves. */
function refuseAliasTargets(report: Report, zone: ZoneNames, byOwner: ByOwner): void {
  const cnameOf = (name: OwnerName): OwnerName | undefined =>
    byOwner.get(name)?.flatMap(({ rdata }) => (rdata.type === 'CNAME' ? [rdata.cname] : []))[0];
  for (const { owner, rdata, path } of zone.statics) {
    const target = targetOf(rdata);
    if (target === null) continue;
    if (rdata.type !== 'CNAME' && cnameOf(target) !== undefined) {
      report.error(path, `${shown(target)} is a CNAME: ${rdata.type} must name a host itself (RFC 2181 §10.3)`);
    }
    if (rdata.type === 'CNAME' && loops(owner, cnameOf))
      report.error(path, `the CNAMEs from ${shown(owner)} lead back to it`);
  }
}

function targetOf(rdata: Rdata): OwnerName | null {
  if (rdata.type === 'NS') return rdata.nsdname;
  if (rdata.type === 'MX') return rdata.exchange;
  if (rdata.type === 'SRV') return rdata.target;
  return rdata.type === 'CNAME' ? rdata.cname : null;
}

function loops(start: OwnerName, next: (name: OwnerName) => OwnerName | undefined): boolean {
  const seen = new Set<OwnerName>();
  for (let name = next(start); name !== undefined && !seen.has(name); name = next(name)) {
    if (name === start) return true;
    seen.add(name);
  }
  return false;
}
