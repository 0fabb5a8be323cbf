import t from 'tap';
import { METRICS } from '../../../src/admin/metrics/catalogue.ts';
import { render } from '../../../src/admin/metrics/render.ts';
import { samplesOf } from '../../../src/admin/metrics/samples.ts';
import { createMetricsWriter } from '../../../src/admin/metrics/writer.ts';
import { fakeHandlers, serveAdmin } from '../../helpers/admin.ts';
import { NO_PROMTOOL, promtool } from './promtool.ts';
import { fullReport } from './report.ts';

const samples = [...samplesOf(fullReport())];

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function sampleOf(text: string, series: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}

t.test('every metric of the catalogue has samples, with just its labels', async (t) => {
  const shown = Map.groupBy(samples, ({ metric }) => metric);
  for (const [name, { labels, type }] of Object.entries(METRICS)) {
    const own = shown.get(name as keyof typeof METRICS) ?? [];
    t.ok(own.length > 0, name);
    for (const { labels: given, suffix } of own) {
      t.same(Object.keys(given), suffix === '_bucket' ? [...labels, 'le'] : labels, `${name}${suffix ?? ''}`);
      t.equal(suffix !== undefined, type === 'histogram', name);
    }
  }
});

t.test('no label carries what a client sends: no name that was asked, no address that asks', async (t) => {
  const labels = new Set(Object.values(METRICS).flatMap((metric) => metric.labels));
  for (const label of ['qname', 'name', 'client', 'address', 'reason_text', 'message'])
    t.notOk(labels.has(label), label);
});

t.test('the samples say what the report says', async (t) => {
  const text = await render(samples);
  t.equal(sampleOf(text, 'failoverd_dns_responses_total{transport="udp",rcode="NOERROR"}'), 59);
  t.equal(sampleOf(text, 'failoverd_dns_responses_total{transport="tcp",rcode="NOERROR"}'), 1);
  t.equal(sampleOf(text, 'failoverd_dns_answer_duration_seconds_bucket{le="0.00001"}'), 0);
  t.equal(sampleOf(text, 'failoverd_dns_answer_duration_seconds_bucket{le="0.000025"}'), 64);
  t.equal(sampleOf(text, 'failoverd_dns_answer_duration_seconds_bucket{le="0.25"}'), 64);
  t.equal(sampleOf(text, 'failoverd_dns_answer_duration_seconds_bucket{le="+Inf"}'), 65);
  t.equal(sampleOf(text, 'failoverd_dns_answer_duration_seconds_count'), 65);
  t.equal(sampleOf(text, 'failoverd_secondary_serial_lag{zone="app.example.com",secondary="198.51.100.53:53"}'), 2);
  t.equal(sampleOf(text, 'failoverd_alarms{alarm="backup_down"}'), 1);
  t.equal(sampleOf(text, 'failoverd_notifications_total{sink="slack #1a2b3c4d",result="expired"}'), 4);
  t.match(text, 'target="back\\"up\\\\\\n"', 'escaped');
});

t.test('promtool check metrics finds nothing wrong', { skip: NO_PROMTOOL }, async (t) => {
  t.equal(promtool(['check', 'metrics'], await render(samples)), '');
});

t.test('write() writes in a thread what render() writes, of many records, one report after the other', async (t) => {
  const writer = createMetricsWriter();
  t.teardown(writer.close);
  const report = fullReport();
  const records = Array.from({ length: 2_000 }, (_, i) => ({
    ...report.status.records[0],
    record: `r${i}.example.com`,
  }));
  const many = { ...report, status: { ...report.status, records: records as typeof report.status.records } };
  const [one, two] = await Promise.all([writer.write(many), writer.write(report)]);
  t.equal(textOf(one), await render([...samplesOf(many)]));
  t.equal(textOf(two), await render(samples));
});

t.test('write() says so when its thread is ended, and starts another', async (t) => {
  const writer = createMetricsWriter();
  t.teardown(writer.close);
  const text = writer.write(fullReport());
  await new Promise((resolve) => setImmediate(resolve));
  await writer.close();
  await t.rejects(text, { message: 'the thread that writes metrics ended' });
  t.match(textOf(await writer.write(fullReport())), /^failoverd_config_generation \d/m);
});

t.test('GET /metrics needs the token like every read, and is not there when the config does not want it', async (t) => {
  const token = 'a-long-enough-token-for-a-test';
  const { url } = await serveAdmin(t, fakeHandlers({ metrics: async () => new TextEncoder().encode('x 1\n') }), {
    token,
  });
  t.equal((await fetch(`${url}/metrics`)).status, 401);
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  t.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  t.equal(await response.text(), 'x 1\n');
  const without = await serveAdmin(t, fakeHandlers({ metrics: null }));
  t.equal((await fetch(`${without.url}/metrics`)).status, 404);
});
