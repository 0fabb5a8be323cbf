/** The whole examination of one delegation. */
import type { Config, ZoneSpec } from '../../config/config.ts';
import { type OwnerName, parseOwnerName, shown } from '../../core/name.ts';
import { createDnsClient, type Server } from '../../dns/client.ts';
import type { Clock } from '../../runtime/ports.ts';
import type { RecordStatus, StatusReport } from '../../runtime/status.ts';
import { get, whereOf } from '../api-client.ts';
import type { Decided } from './answers.ts';
import type { Finding } from './finding.ts';
import { judge } from './findings.ts';
import { observe, type Subject } from './observe.ts';
import { createWalker } from './walk.ts';

/** So long secondaries may be behind after a flip. */
const TRANSFER_MS = 1000;
/** More records tell nothing more about the delegation. */
const MAX_RECORDS = 20;

export interface Question {
  readonly zone: OwnerName;
  /** Undefined: there is none to compare with. */
  readonly config: Config | undefined;
  /** Where the way begins. */
  readonly from: readonly Server[];
  readonly resolver: Server | null;
  /** Of the servers that are met on the way. */
  readonly port: number;
}

/** Asks everybody, twice where a transfer may have been under way, and judges. */
export async function diagnose(question: Question, clock: Clock): Promise<readonly Finding[]> {
  const first = await examine(question, clock);
  const isLagging = first.some(({ severity, check }) => severity === 'error' && check === 'serial');
  if (!isLagging) return first;
  await new Promise<void>((resolve) => clock.setTimer(TRANSFER_MS, resolve));
  return examine(question, clock);
}

async function examine({ zone, config, ...places }: Question, clock: Clock): Promise<readonly Finding[]> {
  const spec = config?.zones.find(({ apex }) => apex === zone);
  const subject = subjectOf(zone, spec);
  const client = createDnsClient(clock);
  const walker = createWalker({ client, ...places });
  const decided = await decidedNow(config, zone);
  return judge(await observe(subject, { client, walker, ...places }), subject, decided);
}

function subjectOf(zone: OwnerName, spec: ZoneSpec | undefined): Subject {
  const records = spec?.records.map(({ name }) => name).filter((name) => !name.startsWith('*.')) ?? [zone];
  const nameservers = new Map(spec?.nameservers.map(({ name, addresses }) => [name, addresses]));
  return { zone, nameservers, records: records.slice(0, MAX_RECORDS) };
}

/** What the running failoverd answers in the zone; a text: why that is not known. */
async function decidedNow(config: Config | undefined, zone: OwnerName): Promise<readonly Decided[] | string> {
  if (!config) return 'there is no config here; name it with --config';
  if (!config.zones.some(({ apex }) => apex === zone)) return `the config has no zone ${shown(zone)}`;
  const status = await get<StatusReport>(whereOf(config), '/api/v1/status');
  if (!status.ok) return status.message;
  const nowMs = Date.parse(status.value.now);
  return status.value.records.flatMap((record) => decidedOf(record, nowMs));
}

function decidedOf({ record, addresses, ttlSeconds, since }: RecordStatus, nowMs: number): readonly Decided[] {
  const name = parseOwnerName(record);
  return name.ok ? [{ record: name.value, addresses, ttlSeconds, ageMs: nowMs - Date.parse(since) }] : [];
}
