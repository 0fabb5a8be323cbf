import { readFileSync } from 'node:fs';
import t from 'tap';
import { METRICS } from '../../../src/admin/metrics/catalogue.ts';
import { NO_PROMTOOL, promtool } from './promtool.ts';

const PAGE = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');

t.test('docs/metrics.md has the row of every metric, and no other', async (t) => {
  const rows = PAGE.match(/^\| `(?:failoverd|process)_[a-z0-9_]+` \|.*$/gm) ?? [];
  const expected = Object.entries(METRICS).map(([name, { type, labels, help }]) => {
    return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
  });
  t.same(rows, expected);
});

t.test('docs/metrics.md: promtool reads every expression', { skip: NO_PROMTOOL }, async (t) => {
  const [, section = ''] = PAGE.split('## Questions and their expressions');
  const expressions = [...section.matchAll(/^\| [^|]+\? \| `(.+)` \|$/gm)].map(([, text = '']) =>
    text.replaceAll('\\|', '|'),
  );
  t.ok(expressions.length >= 6);
  const rules = expressions.map((expr, i) => ({ record: `checked:expression:${i}`, expr }));
  const file = `${t.testdir({ 'rules.yaml': JSON.stringify({ groups: [{ name: 'docs', rules }] }) })}/rules.yaml`;
  t.equal(promtool(['check', 'rules', file]), '');
});
