import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse as fromYaml } from 'yaml';
import * as z from 'zod';
import { EXPLANATIONS, type Explanation, type SectionName } from '../../src/config/explanations.ts';
import { configJsonSchema, keysOf, SECTIONS } from '../../src/config/json-schema.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { formatProblems } from '../../src/config/problems.ts';
import { configOf, SMALLEST } from './texts.ts';

const PAGE = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
const ENV = {
  FAILOVERD_TOKEN: 's3cr3t',
  HEALTH_TOKEN: 's3cr3t',
  HOOK_URL: 'https://hooks.example.com/failover',
  HOOK_SECRET: 'whsec_czNjcjN0czNjcjN0czNjcjN0',
  SLACK_URL: 'https://hooks.example.com/slack',
  ROUTING_KEY: 's3cr3t',
  MAIL_URL: 'smtps://failoverd:s3cr3t@mail.example.com',
};

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
  for (const [heading, schema] of Object.entries(SECTIONS)) {
    t.same([...rowsUnder(heading).keys()].sort(), Object.keys(keysOf(schema)).sort(), heading);
  }
});

t.test('docs/configuration.md says of every key what editors are told, and the same default', async (t) => {
  for (const [heading, explanations] of Object.entries<Readonly<Record<string, Explanation>>>(EXPLANATIONS)) {
    const rows = rowsUnder(heading);
    t.same(Object.keys(explanations).sort(), Object.keys(keysOf(SECTIONS[heading as SectionName])).sort(), heading);
    for (const [key, { text, byDefault }] of Object.entries(explanations)) {
      const [, , written = '', meaning = ''] = (rows.get(key) ?? '').split(/(?<!\\)\|/).map((cell) => cell.trim());
      const plain = meaning.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
      t.equal(plain, text, `${heading}: ${key}`);
      if (byDefault !== undefined) t.same(fromYaml(written.replaceAll('`', '')), byDefault, `${heading}: ${key}`);
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

t.test('configJsonSchema() takes every config of the docs, and says of every key what it is', async (t) => {
  const json = configJsonSchema();
  const schema = z.fromJSONSchema(json as Parameters<typeof z.fromJSONSchema>[0]);
  for (const block of blocks()) {
    const text = /^zones:/m.test(block) ? block : `${block}${SMALLEST}`;
    const result = schema.safeParse(fromYaml(text));
    t.ok(result.success, result.error ? `${z.prettifyError(result.error)}\n${text}` : text);
  }
  const properties = propertiesIn(json);
  t.ok(properties.length > 100);
  for (const [name, property] of properties) t.type(property.description, 'string', name);
});

t.test('configJsonSchema() refuses what the config refuses', async (t) => {
  const schema = z.fromJSONSchema(configJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
  const refused: readonly (readonly [from: string, to: string])[] = [
    ['primary:', 'primry:'],
    ['zones:', 'zonse:'],
    ['primary: 192.0.2.10', 'primary: 5'],
    ['http://app.example.com/healthz', '{url: "http://app.example.com/healthz", interval: 5}'],
    ['http://app.example.com/healthz', '{url: "http://app.example.com/healthz", interval: 5 seconds}'],
    ['http://app.example.com/healthz', '{tcp: 70000}'],
    ['http://app.example.com/healthz', '{tcp: 80, method: FETCH}'],
    ['check:', 'all_down: none\n        check:'],
  ];
  for (const [from, to] of refused) {
    t.notOk(schema.safeParse(fromYaml(SMALLEST.replace(from, to))).success, to);
  }
  t.ok(schema.safeParse(fromYaml(`log: {level: "\${LEVEL}"}\n${SMALLEST}`)).success, 'a variable may stand anywhere');
  t.ok(schema.safeParse(fromYaml(SMALLEST)).success);
});

type Property = Readonly<Record<string, unknown>>;

/** Every property of every object in a schema, by name. */
function propertiesIn(json: unknown): readonly (readonly [string, Property])[] {
  if (typeof json !== 'object' || json === null) return [];
  const here = 'properties' in json ? Object.entries(json.properties as Record<string, Property>) : [];
  return [...here, ...Object.values(json).flatMap(propertiesIn)];
}
