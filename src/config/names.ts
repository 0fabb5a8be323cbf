/** Domain names as they stand in a config. */
import { domainToASCII } from 'node:url';
import type { OwnerName } from '../core/name.ts';
import type { Scope } from './scope.ts';
import { type Path, quote } from './source.ts';
import { mustBe, Refusal, refuse, value } from './values.ts';

/** A full name, with or without the final dot; internationalised labels become A-labels. */
export function readFullName(raw: unknown): OwnerName | Refusal {
  return readName(raw, '.' as OwnerName);
}

/** A name that is relative to the zone unless it ends with a dot; `@` is the zone itself. */
export function readName(raw: unknown, origin: OwnerName): OwnerName | Refusal {
  if (typeof raw !== 'string' || raw === '') return mustBe('a domain name');
  if (raw === '@') return origin;
  const ascii = toALabels(raw);
  if (ascii === null) return refuse('is not a domain name');
  const absolute = ascii.endsWith('.') ? ascii : `${ascii}.${origin === '.' ? '' : origin}`;
  return /^(?:[\w*-]{1,63}\.)+$/.test(absolute) && absolute.length <= 254
    ? (absolute.toLowerCase() as OwnerName)
    : refuse('is not a domain name');
}

/** Internationalised labels by UTS 46; null when one has no A-label. */
function toALabels(name: string): string | null {
  const labels = name.split('.').map((label) => (/^[\x20-\x7e]*$/.test(label) ? label : domainToASCII(label)));
  const valid = labels.every((label, i) => !label.includes('.') && (label !== '' || i === labels.length - 1));
  return valid ? labels.join('.') : null;
}

/** Whether `name` is `ancestor` or lies below it. */
export function isWithin(name: OwnerName, ancestor: OwnerName): boolean {
  return name === ancestor || ancestor === '.' || name.endsWith(`.${ancestor}`);
}

/** Without the final dot, as people write it. */
export function shown(name: OwnerName): string {
  return name === '.' ? '.' : name.slice(0, -1);
}

export const fullName = value(readFullName);

/** The names among the keys of a map, each once; what cannot be used is reported and left out. */
export function readNameKeys(
  { report }: Scope,
  path: Path,
  read: (key: string) => OwnerName | Refusal,
): readonly NameKey[] {
  const map = report.source.get(path);
  const seen = new Map<OwnerName, string>();
  return Object.keys(map as object).flatMap((key): readonly NameKey[] => {
    const at = [...path, key];
    const name = read(key);
    const twice = name instanceof Refusal ? undefined : seen.get(name);
    if (name instanceof Refusal) report.refuseKey(at, name.predicate);
    else if (twice !== undefined) report.refuseKey(at, `is the same name as ${quote(twice)}`);
    else {
      seen.set(name, key);
      return [{ name, path: at }];
    }
    return [];
  });
}

export interface NameKey {
  readonly name: OwnerName;
  readonly path: Path;
}
