/**
 * A reload never costs a query. failoverd runs by its launcher with real web servers behind its records, a client asks for
 * the apex all the time, and SIGHUP brings configs that are broken, that change records and zones, workers and addresses.
 * Every query is answered with NOERROR, and what the reload did not touch stays as it was.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { StatusReport } from '../../src/runtime/status.ts';
import { startBackend } from '../helpers/backend.ts';
import { askAllTheTime, type QueryLoop } from '../helpers/queries.ts';
import { dig, digUntil, type Served, serve, status } from '../helpers/serve.ts';

const NAME = 'app.example.com';

interface Change {
  readonly listen?: string;
  readonly workers?: number;
  readonly records?: string;
  readonly zones?: string;
  readonly ttl?: string;
}

function configOf(port: number, change: Change = {}): string {
  const { listen = '"127.0.0.1:0"', workers = 2, records = '', zones = '', ttl = '2s' } = change;
  return `
listen: [${listen}]
workers: ${workers}
admin: {listen: "127.0.0.1:0"}
dns: {rate_limit: {responses_per_second: 0}}
defaults: {interval: 1s, timeout: 500ms, confirm: 200ms, fall: 3, rise: 2}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1, ns2.${NAME}: 127.0.0.1}
    records:
      "@": {ttl: ${ttl}, primary: 127.0.0.21, backup: 127.0.0.22, check: "http://${NAME}:${port}/"}
${records}
${zones}
`;
}

interface Scene {
  readonly served: Served;
  readonly port: number;
  readonly queries: QueryLoop;
  /** Reloads this text; settles with the lines of the log that it led to, when one matches. */
  reload(text: string, until: RegExp, asking?: QueryLoop): Promise<readonly string[]>;
}

async function play(t: Test): Promise<Scene> {
  const primary = await startBackend('127.0.0.21');
  const backup = await startBackend('127.0.0.22', primary.port);
  const directory = t.testdir();
  t.teardown(() => Promise.all([primary.kill(), backup.kill()]));
  const served = await serve(directory, configOf(primary.port));
  t.teardown(() => served.stop());
  await digUntil(served.dnsPort, NAME, '127.0.0.21');
  const queries = askAllTheTime(served.dnsPort);
  await queries.more(10);
  const reload: Scene['reload'] = async (text, until, asking = queries) => {
    await writeFile(path.join(directory, 'failoverd.yaml'), text);
    const from = served.lines.length;
    served.process.kill('SIGHUP');
    await served.line(until, from);
    await asking.more(20);
    const said: readonly string[] = served.lines.slice(from).map((line) => JSON.parse(line).msg);
    return said.filter((line) => !line.includes('no witnesses')); // a warning that loopback cannot heed
  };
  return { served, port: primary.port, queries, reload };
}

t.test(
  'SIGHUP with a broken config keeps the old one, reports every problem, counts it, and loses no query',
  async (t) => {
    const { served, port, queries, reload } = await play(t);
    const before = await status(served);
    const broken = configOf(port).replace('primary:', 'primry:').replace('workers: 2', 'workers: many');
    const lines = await reload(broken, /reload refused/);
    t.match(lines, [/failoverd\.yaml:3:\d+ .*workers/, /failoverd\.yaml:11:\d+ unknown key "primry"/]);
    t.match(lines.at(-1), /^reload refused: \d errors in .*; the old config stays in force$/);
    const after = await status(served);
    t.same(after.reloads, { succeeded: 0, failed: 1 });
    t.equal(after.generation, before.generation);
    t.same(after.zones, before.zones, 'no serial was spent');

    const taken = configOf(port, { listen: '"127.0.0.1:0", "203.0.113.1:53"' });
    t.match(
      (await reload(taken, /reload refused: 203/)).at(-1),
      /^reload refused: 203\.0\.113\.1:53 .*; the old config/,
    );
    t.same((await status(served)).reloads, { succeeded: 0, failed: 2 });
    t.match(await queries.stop(), { lost: 0, failed: 0 });
    t.same(queries.seen, ['127.0.0.21']);
  },
);

t.test('SIGHUP changes records, zones, workers and addresses, says so in words, and loses no query', async (t) => {
  const { served, port, queries, reload } = await play(t);
  const ages = ({ records }: StatusReport) => records[0]?.targets.map(({ endpoints }) => endpoints[0]?.since);
  let before = await status(served);
  while (ages(before)?.includes(null)) {
    await queries.more(1); // the backup's first verdict may come after the primary's
    before = await status(served);
  }
  const more = {
    records: `      api: {primary: 127.0.0.22, backup: 127.0.0.21, check: "http://${NAME}:${port}/"}`,
    zones: `  example.net:\n    nameservers: {ns1.example.net: 127.0.0.1, ns2.example.net: 127.0.0.1}\n    records: {"@": {primary: 127.0.0.21, backup: 127.0.0.22, check: "http://${NAME}:${port}/"}}`,
  };
  const said = (await reload(configOf(port, { ...more, ttl: '3s' }), /reloaded/)).join('\n');
  t.match(
    said,
    /: 1 zone added \(example\.net\), 1 zone changed \(app\.example\.com\), 2 records added \(api\.app\.example\.com, example\.net\), 1 record changed/,
  );
  t.equal(
    await dig(served.dnsPort, '+short', `api.${NAME}`),
    '127.0.0.22',
    'its endpoints are known: it does not wait',
  );
  t.equal(await dig(served.dnsPort, '+short', 'example.net'), '127.0.0.21');
  t.match(await dig(served.dnsPort, '+noall', '+answer', NAME), /\s3\s+IN/);

  const after = await status(served);
  t.equal(after.reloads.succeeded, 1);
  t.same(ages(after), ages(before), 'the health of unchanged endpoints is kept, with its age');
  t.ok((after.zones[0]?.serial ?? 0) > (before.zones[0]?.serial ?? 0));

  for (const workers of [3, 4]) {
    t.match(await reload(configOf(port, { ...more, workers }), /reloaded.*workers/), [/workers changed$/]);
    t.equal((await status(served)).dataPlane.workers, workers);
  }
  await reload(
    configOf(port, { workers: 4, listen: '"127.0.0.1:0", "127.0.0.2:0"' }),
    /reloaded.*2 records? removed.*listen/,
  );
  t.equal((await status(served)).listen.length, 2);
  t.match(await dig(served.dnsPort, 'example.net'), /status: REFUSED/);
  t.match(await queries.stop(), { lost: 0, failed: 0 });
  t.same(queries.seen, ['127.0.0.21']);

  const later = askAllTheTime(served.dnsPort, { everyMs: 1 });
  await later.more(10);
  await reload(configOf(port, { workers: 1 }), /reloaded.*listen changed, workers changed/, later);
  t.match(await status(served), { dataPlane: { workers: 1 }, listen: { length: 1 } });
  const { lost, failed } = await later.stop();
  t.same({ lost, failed }, { lost: 0, failed: 0 }, 'what a closing socket has in its queue is answered');
});
