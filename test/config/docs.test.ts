import { readFileSync } from 'node:fs';
import t from 'tap';
import type * as z from 'zod';
import { adminSchema } from '../../src/config/admin.ts';
import { checkSchema } from '../../src/config/check.ts';
import { dnsSchema } from '../../src/config/dns.ts';
import { historySchema } from '../../src/config/history.ts';
import { keySchema } from '../../src/config/keys.ts';
import { logSchema } from '../../src/config/log.ts';
import { maintenanceSchema } from '../../src/config/maintenance.ts';
import { notifySchema } from '../../src/config/notify.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { proberSchema } from '../../src/config/prober.ts';
import { formatProblems } from '../../src/config/problems.ts';
import { recordSchema } from '../../src/config/record.ts';
import { secondariesSchema } from '../../src/config/secondaries.ts';
import { soaSchema } from '../../src/config/soa.ts';
import { staticSchema } from '../../src/config/static.ts';
import { targetMap } from '../../src/config/target.ts';
import { topSchema } from '../../src/config/top.ts';
import { isSupported } from '../../src/config/unsupported.ts';
import { zoneSchema } from '../../src/config/zone.ts';
import { configOf, SMALLEST } from './texts.ts';

const PAGE = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
const ENV = { FAILOVERD_TOKEN: 's3cr3t', HEALTH_TOKEN: 's3cr3t' };

const SCHEMAS: Readonly<Record<string, z.core.$ZodType>> = {
  'Top level': topSchema,
  admin: adminSchema,
  dns: dnsSchema,
  rate_limit: keyOf(dnsSchema, 'rate_limit'),
  tcp: keyOf(dnsSchema, 'tcp'),
  prober: proberSchema,
  zones: zoneSchema,
  soa: soaSchema,
  static: staticSchema,
  secondaries: secondariesSchema,
  records: recordSchema,
  targets: targetMap,
  failback: keyOf(recordSchema, 'failback'),
  maintenance: maintenanceSchema,
  check: checkSchema,
  expect: keyOf(checkSchema, 'expect'),
  tls: keyOf(checkSchema, 'tls'),
  keys: keySchema,
  notify: notifySchema,
  history: historySchema,
  log: logSchema,
};

/** Where the keys of a heading stand in the list of what has no effect yet. */
const PREFIXES: Readonly<Record<string, string>> = {
  'Top level': '',
  admin: 'admin.',
  prober: 'prober.',
  zones: 'zones.*.',
  records: 'zones.*.records.*.',
  check: 'zones.*.records.*.check.',
  history: 'history.',
};

/** The schemas of a section's keys, whatever is wrapped around it. */
function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> {
  const def = schema._zod.def as unknown as Record<string, z.core.$ZodType>;
  const inner = def.innerType ?? def.element ?? def.out;
  return inner ? shapeOf(inner) : (def.shape as unknown as Record<string, z.core.$ZodType>);
}

function keyOf(schema: z.core.$ZodType, key: string): z.core.$ZodType {
  const inner = shapeOf(schema)[key];
  if (!inner) throw new Error(`no key ${key}`);
  return inner;
}

/** The rows of the table under a heading: key to the whole row. */
function rowsUnder(heading: string): ReadonlyMap<string, string> {
  const section = PAGE.split(/^##+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const rows = [...section.matchAll(/^\| `(\w+)` \|.*$/gm)];
  return new Map(rows.map(([row, key = '']) => [key, row]));
}

function blocks(): readonly string[] {
  return [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

t.test('docs/configuration.md has a row for every key, and for no other', async (t) => {
  for (const [heading, schema] of Object.entries(SCHEMAS)) {
    t.same([...rowsUnder(heading).keys()].sort(), Object.keys(shapeOf(schema)).sort(), heading);
  }
});

t.test('docs/configuration.md says of every key without effect that it has none, and of no other', async (t) => {
  for (const heading of Object.keys(SCHEMAS)) {
    const prefix = PREFIXES[heading];
    for (const [key, row] of rowsUnder(heading)) {
      const hasEffect = prefix === undefined || isSupported(`${prefix}${key}`);
      t.equal(row.includes('*Not supported yet.*'), !hasEffect, `${heading}: ${key}`);
    }
  }
});

t.test('docs/configuration.md: every YAML block loads without a problem', async (t) => {
  t.ok(blocks().length >= 6);
  for (const block of blocks()) {
    const text = /^zones:/m.test(block) ? block : `${block}${SMALLEST}`;
    const result = parseConfig(text, 'failoverd.yaml', ENV);
    t.ok(result.ok, result.ok ? block : `${block}${formatProblems(result.problems)}`);
  }
});

t.test('docs/configuration.md: the defaults are those of the smallest config', async (t) => {
  t.equal(blocks()[0], SMALLEST);
  t.same(configOf(blocks().at(-1) ?? ''), configOf(SMALLEST));
});
