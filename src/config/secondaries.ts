/** The servers that may transfer a zone, and are told of its changes. */
import * as z from 'zod';
import { type OwnerName, shown } from '../core/name.ts';
import type { SecondarySpec } from './config.ts';
import { readFullName } from './names.ts';
import { serverAddress } from './network.ts';
import { quote } from './quote.ts';
import type { Report } from './report.ts';
import type { Path } from './source.ts';
import { suggest } from './suggest.ts';
import { integer, section, value } from './values.ts';

export const secondariesSchema = z
  .array(
    section({
      address: serverAddress,
      port: integer(1, 65535).default(53),
      /** The name of a key that its requests must be signed with; null: the address is enough. */
      key: value(readFullName).nullable().default(null),
    }),
  )
  .default([]);

/** Two secondaries at one address, and keys that are not there, are errors. */
export function checkSecondaries(
  report: Report,
  path: Path,
  secondaries: readonly SecondarySpec[],
  keys: readonly OwnerName[],
): void {
  const seen = new Set<string>();
  for (const [i, { address, port, key }] of secondaries.entries()) {
    const id = `${address} ${port}`;
    if (seen.has(id)) report.error([...path, i], `the secondary ${address} port ${port} is given twice`);
    seen.add(id);
    if (key === null || keys.includes(key)) continue;
    const meant = suggest(shown(key), keys.map(shown));
    const hint = meant === null ? '' : `; did you mean ${quote(meant)}?`;
    report.error([...path, i, 'key'], `there is no ${quote(shown(key))} under keys${hint}`);
  }
}
