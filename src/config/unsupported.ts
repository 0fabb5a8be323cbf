/**
 * The keys that are read and validated but have no effect yet. They are refused, never ignored; only the value that says
 * what is so anyway may be written. To switch a key on, delete its line here.
 */
import type { Report } from './report.ts';
import type { Path } from './source.ts';
import { isMap } from './values.ts';

/** Key (`*` stands for any name) to the value that may be written; undefined: none. */
const UNSUPPORTED: Readonly<Record<string, unknown>> = {
  'admin.metrics': undefined,
};

/** Whether a key has its effect. Takes it as it stands in the list. */
export function isSupported(key: string): boolean {
  return !(key in UNSUPPORTED);
}

/** Reports every key that has no effect yet. */
export function refuseUnsupported(report: Report): void {
  for (const [pattern, harmless] of Object.entries(UNSUPPORTED)) {
    for (const path of matches(report.source.value, pattern.split('.'), [])) {
      const isHarmless = JSON.stringify(report.source.get(path)) === JSON.stringify(harmless);
      if (!isHarmless) report.error(path, `"${path.at(-1)}" is not supported yet`, 'key');
    }
  }
}

function matches(value: unknown, pattern: readonly string[], at: Path): readonly Path[] {
  const [step, ...rest] = pattern;
  if (step === undefined) return [at];
  if (!isMap(value)) return [];
  const keys = step === '*' ? Object.keys(value) : step in value ? [step] : [];
  return keys.flatMap((key) => matches(value[key], rest, [...at, key]));
}
