/** What a config will do, for people: at `check`, and when the server starts. */

import { shown } from '../core/name.ts';
import { predict } from '../core/predict.ts';
import type { RecordSpec, TargetSpec } from '../core/record.ts';
import { formatBound } from './format.ts';
import { type Output, paint } from './io.ts';
import { formatTable } from './table.ts';

/** `primary 192.0.2.10, backup 198.51.100.20 198.51.100.21` */
export function describeTargets({ targets }: RecordSpec): string {
  return targets.map(describeTarget).join(', ');
}

export function describeTarget({ name, endpoints }: TargetSpec): string {
  return [name, ...endpoints.map(({ address }) => address)].join(' ');
}

const HEADER = ['RECORD', 'TARGETS', 'FAILURE DETECTED WITHIN', 'CLIENTS FOLLOW WITHIN'];

/** Each record with its targets, and how long a failover takes at worst. */
export function formatRecords(records: readonly RecordSpec[], output: Output): string {
  const rows = records.map((record) => {
    const { hangMs, clientMs } = predict(record);
    return [shown(record.name), describeTargets(record), formatBound(hangMs), formatBound(clientMs)];
  });
  return formatTable([HEADER.map((title) => paint(output, 'dim', title)), ...rows]);
}
