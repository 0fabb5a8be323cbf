/**
 * The config as a JSON Schema, for editors: what keys there are, what they mean and how their values look. Put together
 * section by section, as the config is read; what only the whole of a config tells stays with `failoverd check`.
 */
import * as z from 'zod';
import { adminSchema } from './admin.ts';
import { checkSchema } from './check.ts';
import { dnsSchema } from './dns.ts';
import { EXPLANATIONS, type Explanation, type SectionName } from './explanations.ts';
import { historySchema } from './history.ts';
import { keySchema } from './keys.ts';
import { logSchema } from './log.ts';
import { maintenanceSchema } from './maintenance.ts';
import { notifySchema } from './notify.ts';
import { proberSchema } from './prober.ts';
import { defaultsSchema, recordSchema } from './record.ts';
import { secondariesSchema } from './secondaries.ts';
import { soaSchema } from './soa.ts';
import { staticSchema } from './static.ts';
import { targetMap } from './target.ts';
import { topSchema } from './top.ts';
import { zoneSchema } from './zone.ts';

type Schema = z.core.$ZodType;
type Json = Readonly<Record<string, unknown>>;

/** Every section with keys of its own, by its heading in docs/configuration.md. */
export const SECTIONS: Readonly<Record<SectionName, Schema>> = {
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

const TEXT = { type: 'string', minLength: 1 };

/** The keys whose values are sections, or are read apart. */
const STRUCTURED: Readonly<Record<string, () => Json>> = {
  'Top level.listen': () => oneOrList(TEXT),
  'Top level.admin': () => section('admin'),
  'Top level.dns': () => section('dns'),
  'Top level.prober': () => section('prober'),
  'Top level.defaults': defaults,
  'Top level.zones': () => mapOf(section('zones')),
  'Top level.keys': () => mapOf(section('keys')),
  'Top level.notify': () => ({ type: 'array', items: section('notify') }),
  'Top level.history': () => section('history'),
  'Top level.log': () => section('log'),
  'dns.rate_limit': () => section('rate_limit'),
  'dns.tcp': () => section('tcp'),
  'zones.nameservers': () => mapOf(oneOrList(TEXT, { type: 'null' })),
  'zones.soa': () => section('soa'),
  'zones.static': () => ({ type: 'array', items: section('static') }),
  'zones.secondaries': () => ({ type: 'array', items: section('secondaries') }),
  'zones.records': () => mapOf(section('records')),
  'records.primary': target,
  'records.backup': () => ({ anyOf: [TEXT, { type: 'array', items: target() }, section('targets')] }),
  'records.check': () => ({ anyOf: [TEXT, section('check')] }),
  'records.failback': failback,
  'records.maintenance': () => ({ type: 'array', items: section('maintenance') }),
  'targets.addresses': () => oneOrList(TEXT),
  'check.expect': () => section('expect'),
  'check.tls': () => section('tls'),
  'static.name': () => TEXT,
  'static.data': () => oneOrList(TEXT),
};

const MAY_STAND_IN_DEFAULTS = ['records.check'];

/** The whole config (JSON Schema 2020-12). */
export function configJsonSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'failoverd.yaml',
    description: 'The config of failoverd: docs/configuration.md says more.',
    ...section('Top level'),
  };
}

/** The schemas of a section's keys, whatever is wrapped around it. */
export function keysOf(schema: Schema): Readonly<Record<string, Schema>> {
  const def = schema._zod.def as unknown as Record<string, Schema>;
  const inner = def.innerType ?? def.element ?? def.out;
  return inner ? keysOf(inner) : (def.shape as unknown as Record<string, Schema>);
}

function keyOf(schema: Schema, key: string): Schema {
  const found = keysOf(schema)[key];
  if (!found) throw new Error(`no key ${key}`);
  return found;
}

function section(name: SectionName): Json {
  const keys = Object.entries(keysOf(SECTIONS[name]));
  const explanations: Readonly<Record<string, Explanation>> = EXPLANATIONS[name];
  const properties = keys.map(([key, schema]) => {
    const { text, byDefault } = explanations[key] ?? { text: '' };
    const value = STRUCTURED[`${name}.${key}`]?.() ?? single(schema);
    return [key, { description: text, ...value, ...(byDefault !== undefined && { default: byDefault }) }];
  });
  const isRequired = ([key, schema]: [string, Schema]): boolean =>
    !z.safeParse(z.object({ [key]: schema }), {}).success && !MAY_STAND_IN_DEFAULTS.includes(`${name}.${key}`);
  const required = keys.filter(isRequired).map(([key]) => key);
  return object(Object.fromEntries(properties), required);
}

function object(properties: Json, required: readonly string[] = []): Json {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

/** A value as its schema describes it. */
function single(schema: Schema): Json {
  const { $schema, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return json;
}

/** The keys of a record's policy and of a check side by side; `failback` and others may be given short here, too. */
function defaults(): Json {
  const all = { ...propertiesOf('check'), ...propertiesOf('records') };
  const own = Object.keys(keysOf(defaultsSchema)).map((key) => [key, all[key]]);
  return object(Object.fromEntries(own));
}

function propertiesOf(name: SectionName): Json {
  return section(name).properties as Json;
}

function failback(): Json {
  return { anyOf: [{ enum: ['auto', 'manual'] }, section('failback')] };
}

function target(): Json {
  return oneOrList(TEXT, section('targets'));
}

function oneOrList(item: Json, ...others: readonly Json[]): Json {
  return { anyOf: [item, { type: 'array', items: item }, ...others] };
}

function mapOf(value: Json): Json {
  return { type: 'object', additionalProperties: value };
}
