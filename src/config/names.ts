/** Domain names as they stand in a config. */
import { domainToASCII } from 'node:url';
import { isSubdomainOf, type OwnerName, parseOwnerName, ROOT, shown } from '../core/name.ts';
import { quote } from './quote.ts';
import { mustBe, Refusal, refuse } from './refusal.ts';
import type { Scope } from './scope.ts';
import type { Path } from './source.ts';

/** A full name, with or without the final dot. */
export function readFullName(raw: unknown): OwnerName | Refusal {
  return readName(raw, ROOT);
}

/** A name that is relative to the zone unless it ends with a dot; `@` is the zone itself. */
export function readName(raw: unknown, origin: OwnerName): OwnerName | Refusal {
  if (typeof raw !== 'string') return mustBe('a domain name');
  const name = parseOwnerName(toALabels(raw), origin);
  return name.ok ? name.value : refuse(name.problem);
}

/** The same for a name that must lie in the zone. */
export function readOwnerName(raw: unknown, zone: OwnerName): OwnerName | Refusal {
  const name = readName(raw, zone);
  if (name instanceof Refusal || isSubdomainOf(name, zone)) return name;
  return refuse(`lies outside the zone ${shown(zone)}`);
}

/** The text with the A-labels of its internationalised labels (UTS 46); one that has none stays as it is. */
export function toALabels(text: string): string {
  // A label is what stands between dots and white space; an A-label holds neither.
  return text.replace(/[^\s.\\]*[^\s.\\\x20-\x7e][^\s.\\]*/gu, (label) => {
    const ascii = domainToASCII(label);
    return ascii.includes('.') ? label : ascii || label;
  });
}

/** A name that is a key of a map, and the place of that key. */
export interface NameKey {
  readonly name: OwnerName;
  readonly path: Path;
}

/** The names among the keys of a map, each once; what cannot be used is reported and left out. */
export function readNameKeys(
  { report }: Scope,
  path: Path,
  read: (key: string) => OwnerName | Refusal,
): readonly NameKey[] {
  const seen = new Map<OwnerName, string>();
  return Object.keys(report.source.get(path) as object).flatMap((key): readonly NameKey[] => {
    const at = [...path, key];
    const name = read(key);
    if (name instanceof Refusal) {
      report.refuseKey(at, name.predicate);
      return [];
    }
    const twin = seen.get(name);
    if (twin !== undefined) {
      report.refuseKey(at, `is the same name as ${quote(twin)}`);
      return [];
    }
    seen.set(name, key);
    return [{ name, path: at }];
  });
}
