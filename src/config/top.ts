/** The config as a whole: its sections, and what they have to do with each other. */
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { isSubdomainOf, type OwnerName, ROOT } from '../core/name.ts';
import { adminSchema, resolveAdmin } from './admin.ts';
import type { Config } from './config.ts';
import { dnsSchema, resolveDns } from './dns.ts';
import { historySchema, resolveHistory } from './history.ts';
import { readKeys } from './keys.ts';
import { logSchema } from './log.ts';
import { readFullName, readNameKeys } from './names.ts';
import { notifySchema, resolveNotify } from './notify.ts';
import { proberSchema, resolveProber } from './prober.ts';
import { type Defaults, defaultsSchema } from './record.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { Scope } from './scope.ts';
import { refuseListenTwice, serverKeys } from './server.ts';
import { isMap, mapOfNames, section } from './values.ts';
import { type ReadZone, readZone } from './zone.ts';

export const topSchema = section({
  ...serverKeys,
  /** API, metrics, dashboard. */
  admin: z.unknown().optional(),
  /** How queries are answered. */
  dns: z.unknown().optional(),
  /** How much is probed at once, and how the prober knows that its own network works. */
  prober: z.unknown().optional(),
  /** Any key of a record's policy or check, for all records. */
  defaults: z.unknown().optional(),
  /** The zones that are served. */
  zones: mapOfNames,
  /** Shared secrets for zone transfer. */
  keys: z.unknown().optional(),
  /** Who is told of what happens. */
  notify: notifySchema,
  /** How long what happened is kept. */
  history: z.unknown().optional(),
  log: z.unknown().optional(),
});

/** Reads every section; null after an error in one of those at the top. */
export function readTop(scope: Scope, path: string): Config | null {
  const { report } = scope;
  const top = report.read(topSchema, []);
  if (top) refuseListenTwice(scope, top.listen);
  const notify = top && resolveNotify(scope, top.notify);
  const sections = readSections(scope);
  const { keys, names } = readKeys(scope);
  const zones = readZones(scope, report.read(defaultsSchema, ['defaults']) ?? null, names);
  if (!top || !notify || !sections) return null;
  return {
    path,
    listen: top.listen,
    workers: top.workers,
    databasePath: resolve(dirname(path), top.database),
    ...sections,
    zones: zones.map(({ zone }) => zone),
    keys,
    notify,
    maintenance: zones.flatMap(({ maintenance }) => maintenance),
  };
}

type Sections = Pick<Config, 'admin' | 'dns' | 'prober' | 'history' | 'log'>;

function readSections(scope: Scope): Sections | null {
  const { report } = scope;
  const admin = report.read(adminSchema, ['admin']);
  const dns = report.read(dnsSchema, ['dns']);
  const prober = report.read(proberSchema, ['prober']);
  const history = report.read(historySchema, ['history']);
  const log = report.read(logSchema, ['log']);
  const resolvedAdmin = admin && resolveAdmin(scope, admin);
  if (!resolvedAdmin || !dns || !prober || !history || !log) return null;
  return {
    admin: resolvedAdmin,
    dns: resolveDns(dns),
    prober: resolveProber(scope, prober),
    history: resolveHistory(history),
    log,
  };
}

function readApex(key: string): OwnerName | Refusal {
  const apex = readFullName(key);
  return apex === ROOT ? refuse('is the root, which is not served') : apex;
}

function readZones(scope: Scope, defaults: Defaults | null, keys: readonly OwnerName[]): readonly ReadZone[] {
  if (!isMap(scope.report.source.get(['zones']))) return [];
  const zones = readNameKeys(scope, ['zones'], readApex);
  return zones.flatMap((zone) => {
    const others = zones.map(({ name }) => name).filter((name) => name !== zone.name);
    const inner = others.filter((name) => isSubdomainOf(name, zone.name));
    return readZone(scope, zone, { defaults, keys, inner }) ?? [];
  });
}
