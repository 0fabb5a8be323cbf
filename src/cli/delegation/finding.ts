/** One thing that is right or wrong with a delegation. */

export interface Finding {
  readonly severity: 'ok' | 'info' | 'warning' | 'error';
  readonly check: 'parent' | 'ns' | 'glue' | 'server' | 'tcp' | 'edns' | 'serial' | 'ttl' | 'ds' | 'answer';
  readonly message: string;
  /** What to do about it; null where there is nothing to do. */
  readonly remedy: string | null;
}

export function finding(
  severity: Finding['severity'],
  check: Finding['check'],
  message: string,
  remedy: string | null = null,
): Finding {
  return { severity, check, message, remedy };
}

/** Whether two lists without doubles hold the same. */
export function sameSet<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}
