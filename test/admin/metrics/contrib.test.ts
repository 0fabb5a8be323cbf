import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { METRICS } from '../../../src/admin/metrics/catalogue.ts';
import { NO_PROMTOOL, promtool } from './promtool.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const RULES = path.join(ROOT, 'contrib/prometheus/alerts.yaml');
const DASHBOARD = path.join(ROOT, 'contrib/grafana/failoverd.json');

const SERIES = new Set(
  Object.entries(METRICS).flatMap(([name, { type }]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
  ),
);

/** What an expression names that looks like a metric of ours, without the texts in quotes. */
function seriesIn(expression: string): readonly string[] {
  return expression.replace(/"[^"]*"/g, '').match(/\b(?:failoverd|process)_[a-z0-9_]+/g) ?? [];
}

/** The labels that an expression groups by, joins on or selects. */
function labelsIn(expression: string): readonly string[] {
  const grouped = [...expression.matchAll(/\b(?:by|on) ?\(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(','));
  const selected = [...expression.matchAll(/(\w+)(?:=~|!=|=)"/g)].map(([, label = '']) => label);
  return [...grouped, ...selected].map((label) => label.trim());
}

const LABELS = new Set<string>([
  ...Object.values(METRICS).flatMap((metric) => metric.labels),
  ...['le', 'instance', 'job'],
]);

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

const rules = (parse(readFileSync(RULES, 'utf8')) as Rules).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard;
const shown = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));

t.test('contrib: every expression names metrics and labels that exist', async (t) => {
  const all = [
    ...rules.map(({ alert, expr }) => [alert, expr] as const),
    ...shown,
    ...dashboard.annotations.list.map(({ expr }) => ['annotation', expr] as const),
  ];
  t.ok(all.length > 40, `${all.length} expressions`);
  for (const [where, expression] of all) {
    const named = seriesIn(expression);
    t.ok(named.length > 0 || expression.startsWith('up{'), `${where}: ${expression}`);
    for (const series of named) t.ok(SERIES.has(series), `${where}: ${series}`);
    for (const label of labelsIn(expression)) t.ok(LABELS.has(label), `${where}: ${label}`);
  }
});

t.test('contrib/grafana: the dashboard shows every metric but a few that others stand for', async (t) => {
  const used = new Set(
    shown.flatMap(([, expression]) => seriesIn(expression)).map((series) => series.replace(/_bucket$/, '')),
  );
  const left = Object.keys(METRICS).filter((name) => !used.has(name));
  t.same(left, [
    'failoverd_config_generation',
    'failoverd_config_reloads_total',
    'failoverd_zone_serial',
    'failoverd_secondary_behind',
    'failoverd_target_drained',
    'failoverd_target_active',
    'failoverd_record_last_transition_timestamp_seconds',
    'failoverd_endpoint_up',
    'failoverd_history_thread_restarts_total',
    'process_start_time_seconds',
  ]);
});

t.test('promtool check rules finds nothing wrong with the alerts', { skip: NO_PROMTOOL }, async (t) => {
  t.equal(promtool(['check', 'rules', RULES]), '');
});

t.test('promtool reads every expression of the dashboard', { skip: NO_PROMTOOL }, async (t) => {
  const expressions = shown.map(([, expr]) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'));
  const asRules = expressions.map((expr, i) => ({ record: `checked:expression:${i}`, expr }));
  const file = path.join(
    t.testdir({ 'rules.yaml': JSON.stringify({ groups: [{ name: 'dashboard', rules: asRules }] }) }),
    'rules.yaml',
  );
  t.equal(promtool(['check', 'rules', file]), '');
});
