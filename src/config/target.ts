/** The targets of a record. */
import * as z from 'zod';
import { familyOf } from '../core/address.ts';
import type { EndpointSpec } from '../core/check.ts';
import type { TargetSpec } from '../core/record.ts';
import { serverAddress } from './network.ts';
import { mustBe } from './refusal.ts';
import type { Scope } from './scope.ts';
import type { Path } from './source.ts';
import { integer, section, value } from './values.ts';

/** One address, or a list. */
const addressList = z.preprocess(
  (raw) => (Array.isArray(raw) || raw === undefined ? raw : [raw]),
  z.array(serverAddress),
);

export const targetMap = section({
  /** How it is called in commands, history and metrics; `primary`, `backup`, `backup2`, … when it is not given. */
  name: value((raw) =>
    typeof raw === 'string' && /^[a-z0-9][a-z0-9_-]{0,62}$/i.test(raw)
      ? raw
      : mustBe('a word of letters, digits, - and _'),
  ).exactOptional(),
  /** One, or a list; IPv4 and IPv6 may be mixed. */
  addresses: addressList,
  /** How many endpoints of each family must be up for the target to be up. */
  min_healthy: integer(1, 100).exactOptional(),
});

/** A target as it stands in the config. */
export interface WrittenTarget {
  readonly name: string;
  readonly path: Path;
  readonly addresses: readonly string[];
  readonly minHealthy: number;
}

/** Reads the primary and the backups, in order of preference; null after an error in one of them. */
export function readTargets(scope: Scope, record: Path): readonly WrittenTarget[] | null {
  const { source } = scope.report;
  const targets = [readTarget(scope, [...record, 'primary'], 'primary')];
  const backup = [...record, 'backup'];
  const backups = source.get(backup);
  if (!Array.isArray(backups)) targets.push(readTarget(scope, backup, 'backup'));
  else if (backups.length === 0) scope.report.refuse(backup, 'must hold at least one target');
  else {
    targets.push(...backups.map((_, i) => readTarget(scope, [...backup, i], i === 0 ? 'backup' : `backup${i + 1}`)));
  }
  const known = targets.filter((target) => target !== null);
  const unique = refuseNameTwice(scope, known);
  return unique && known.length === targets.length && known.length > 1 ? known : null;
}

function readTarget(scope: Scope, path: Path, defaultName: string): WrittenTarget | null {
  const { report } = scope;
  const raw = report.source.get(path);
  if (raw === undefined) return null;
  const isMap = typeof raw === 'object' && raw !== null && !Array.isArray(raw);
  const written = isMap ? report.read(targetMap, path) : { addresses: report.read(addressList, path) };
  if (!written?.addresses) return null;
  const target = { addresses: written.addresses, name: defaultName, minHealthy: 1, path };
  const full = {
    ...target,
    ...('name' in written && written.name !== undefined ? { name: written.name } : {}),
    ...('min_healthy' in written && written.min_healthy !== undefined ? { minHealthy: written.min_healthy } : {}),
  };
  return isSound(scope, full, isMap ? [...path, 'addresses'] : path) ? full : null;
}

function isSound(scope: Scope, target: WrittenTarget, list: Path): boolean {
  const { report } = scope;
  const { addresses, minHealthy } = target;
  if (addresses.length === 0) report.refuse(list, 'must hold at least one address');
  const twice = addresses.findIndex((address, i) => addresses.indexOf(address) < i);
  if (twice !== -1) report.error([...list, twice], `${addresses[twice]} is given twice`);
  const few = ([4, 6] as const).find((family) => {
    const count = ofFamily(addresses, family).length;
    return count > 0 && count < minHealthy;
  });
  if (few !== undefined) {
    const count = ofFamily(addresses, few).length;
    report.error(
      [...target.path, 'min_healthy'],
      `min_healthy (${minHealthy}) is more than ${target.name} has IPv${few} addresses (${count})`,
    );
  }
  return addresses.length > 0 && twice === -1 && few === undefined;
}

function refuseNameTwice(scope: Scope, targets: readonly WrittenTarget[]): boolean {
  const seen = new Set<string>();
  let unique = true;
  for (const { name, path } of targets) {
    if (seen.has(name)) {
      scope.report.error([...path, 'name'], `two targets are named "${name}"`);
      unique = false;
    }
    seen.add(name);
  }
  return unique;
}

/** What will hurt when the record moves from one target to another. */
export function warnAboutTargets(scope: Scope, targets: readonly WrittenTarget[]): void {
  for (const family of [4, 6] as const) warnAboutFamily(scope, targets, family);
  const owners = new Map<string, string>();
  for (const { addresses, name, path } of targets) {
    for (const address of addresses) {
      const other = owners.get(address);
      if (other !== undefined) {
        scope.report.warning(path, `${other} and ${name} share the address ${address}: when it fails, both are down`);
      }
      owners.set(address, name);
    }
  }
}

function warnAboutFamily(scope: Scope, targets: readonly WrittenTarget[], family: 4 | 6): void {
  const having = targets.find(({ addresses }) => ofFamily(addresses, family).length > 0);
  if (!having) return;
  for (const { addresses, name } of targets) {
    if (ofFamily(addresses, family).length > 0) continue;
    scope.report.warning(
      having.path,
      `${having.name} has an IPv${family} address and ${name} has none: IPv${family}-only clients get no answer on ${name}`,
      'key',
    );
  }
}

/** The target as the rest of the program sees it. */
export function resolveTarget(target: WrittenTarget, endpoint: (address: string) => EndpointSpec): TargetSpec {
  return { name: target.name, endpoints: target.addresses.map(endpoint), minHealthy: target.minHealthy };
}

function ofFamily(addresses: readonly string[], family: 4 | 6): readonly string[] {
  return addresses.filter((address) => familyOf(address) === family);
}
