/** The ordinary records of a zone. */
import type { OwnerName } from '../core/name.ts';
import type { Parsed } from '../core/parsed.ts';
import { parseRdata, parseTxt, STATIC_TYPES, type StaticRRType } from '../core/rdata-text.ts';
import type { Rdata, RRset } from '../core/rr.ts';
import { readOwnerName, toALabels } from './names.ts';
import { readAddress } from './network.ts';
import { mustBe, Refusal, refuse } from './refusal.ts';
import type { Scope } from './scope.ts';
import type { Path } from './source.ts';
import { present, seconds, section, value } from './values.ts';

const REFUSED_TYPES: Readonly<Record<string, string>> = {
  DNAME: 'it would redirect every name below it, failover names too; write a CNAME for each',
  SOA: 'it is made from "soa"',
};

export const staticSchema = section({
  /** Relative to the zone unless it ends with a dot; "@" is the zone itself. */
  name: present,
  type: value(
    (raw) => {
      const type = typeof raw === 'string' ? raw.toUpperCase() : '';
      return STATIC_TYPES.find((known) => known === type) ?? refuseType(type);
    },
    { editor: { type: 'string', examples: STATIC_TYPES } },
  ),
  ttl: seconds('0s', '365d').default(300),
  /** In master-file form; for TXT one string or a list of strings. */
  data: present,
});

function refuseType(type: string): Refusal {
  const reason = REFUSED_TYPES[type];
  return reason === undefined ? mustBe(`one of ${STATIC_TYPES.join(', ')}`) : refuse(`cannot be ${type}: ${reason}`);
}

/** One ordinary record and where it stands. */
export interface StaticRecord {
  readonly owner: OwnerName;
  readonly ttlSeconds: number;
  readonly rdata: Rdata;
  readonly path: Path;
}

/** Reads the list; what cannot be used is reported and left out. */
export function readStatic(scope: Scope, zone: OwnerName, path: Path): readonly StaticRecord[] {
  const { source } = scope.report;
  const written = source.get(path);
  if (written === undefined) return [];
  if (Array.isArray(written)) return written.flatMap((_, i) => readStaticRecord(scope, zone, [...path, i]) ?? []);
  scope.report.refuse(path, 'must be a list', source.describe(path));
  return [];
}

function readStaticRecord({ report }: Scope, zone: OwnerName, path: Path): StaticRecord | null {
  const written = report.read(staticSchema, path);
  if (!written) return null;
  const owner = readOwnerName(written.name, zone);
  const rdata = readRdata(written.type, written.data, zone);
  if (owner instanceof Refusal) report.refuseValue([...path, 'name'], owner);
  if (rdata instanceof Refusal) report.refuseValue([...path, 'data'], rdata);
  if (owner instanceof Refusal || rdata instanceof Refusal) return null;
  return { owner, ttlSeconds: written.ttl, rdata, path };
}

function readRdata(type: StaticRRType, raw: unknown, origin: OwnerName): Rdata | Refusal {
  if (type === 'TXT' && Array.isArray(raw) && raw.every((item) => typeof item === 'string'))
    return unwrap(parseTxt(raw));
  if (typeof raw !== 'string') return mustBe(type === 'TXT' ? 'a text or a list of texts' : 'a text');
  if (type !== 'AAAA') return unwrap(parseRdata(type, NAMES.has(type) ? toALabels(raw) : raw, origin));
  const rdata = unwrap(parseRdata(type, raw, origin));
  // Refuses the IPv4-mapped ones.
  const address = rdata instanceof Refusal ? rdata : readAddress(raw.trim());
  return address instanceof Refusal ? address : rdata;
}

/** Types whose data hold a domain name. */
const NAMES: ReadonlySet<StaticRRType> = new Set(['CNAME', 'MX', 'NS', 'SRV']);

function unwrap(rdata: Parsed<Rdata>): Rdata | Refusal {
  return rdata.ok ? rdata.value : refuse(rdata.problem);
}

/** One RRset for each owner and type, in the order of the config. */
export function toRRsets(records: readonly StaticRecord[]): readonly RRset[] {
  const groups = Map.groupBy(records, ({ owner, rdata }) => `${rdata.type} ${owner}`);
  return [...groups.values()].flatMap((group): readonly RRset[] => {
    const [first] = group;
    if (!first) return [];
    const { owner, ttlSeconds, rdata } = first;
    return [{ owner, type: rdata.type, ttlSeconds, rdatas: group.map((record) => record.rdata) }];
  });
}
