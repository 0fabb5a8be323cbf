/** /metrics of a failoverd that runs by its launcher, before and after what it counts has happened. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { NO_PROMTOOL, promtool } from '../admin/metrics/promtool.ts';
import { startBackend } from '../helpers/backend.ts';
import { dig, digUntil, type Served, serve } from '../helpers/serve.ts';

const NAME = 'app.example.com';
const CANARY = 'canary-5e7d1c';

function configOf(port: number, backup: string): string {
  return `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
notify:
  - {url: "http://127.0.0.1:1/${CANARY}", secret: ${CANARY}, on: [start]}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    records:
      "@":
        ttl: 2s
        primary: 127.0.0.51
        backup: ${backup}
        check: {url: "http://${NAME}:${port}/?key=${CANARY}", headers: {Authorization: "${CANARY}"}, interval: 1s, timeout: 500ms, confirm: 100ms}
`;
}

async function scrape({ adminUrl }: Served): Promise<string> {
  return (await fetch(`${adminUrl}/metrics`)).text();
}

function sampleOf(text: string, pattern: RegExp): number {
  const line = text.split('\n').find((each) => pattern.test(each));
  return line === undefined ? Number.NaN : Number(line.split(' ').at(-1));
}

t.test('/metrics counts what has happened, and forgets what leaves the config', async (t) => {
  const primary = await startBackend('127.0.0.51');
  const backup = await startBackend('127.0.0.52', primary.port);
  const directory = t.testdir();
  const served = await serve(directory, configOf(primary.port, '127.0.0.52'));
  t.teardown(async () => {
    await served.stop();
    await Promise.all([primary.kill(), backup.kill()]);
  });
  await digUntil(served.dnsPort, NAME, '127.0.0.51');
  const before = await scrape(served);
  await dig(served.dnsPort, `asked.${NAME}`);
  await dig(served.dnsPort, '+tcp', NAME);
  await primary.kill();
  await digUntil(served.dnsPort, NAME, '127.0.0.52');
  const after = await scrape(served);
  const grown = (pattern: RegExp): number => sampleOf(after, pattern) - sampleOf(before, pattern);
  t.equal(sampleOf(after, /^failoverd_dns_responses_total\{transport="udp",rcode="NXDOMAIN"\}/), 1);
  t.equal(grown(/^failoverd_dns_queries_total\{transport="tcp"\}/), 1);
  t.ok(grown(/^failoverd_dns_answer_duration_seconds_count/) >= 3);
  t.equal(sampleOf(after, /^failoverd_transitions_total\{cause="failover"\}/), 1);
  t.equal(sampleOf(after, /^failoverd_target_up\{.*target="primary"\}/), 0);
  t.equal(sampleOf(after, /^failoverd_target_active\{.*target="backup"\}/), 1);
  t.equal(sampleOf(after, /^failoverd_record_on_primary/), 0);
  t.ok(sampleOf(after, /^failoverd_probes_total\{endpoint="127\.0\.0\.51 .*outcome="fail"\}/) >= 3);
  t.ok(sampleOf(after, /^failoverd_probe_fails_total\{reason="refused"\}/) >= 3);
  t.ok(sampleOf(after, /^failoverd_notification_failed_attempts_total/) >= 1);
  t.notMatch(after, /asked/, 'no name that was asked');

  await writeFile(path.join(directory, 'failoverd.yaml'), configOf(primary.port, '127.0.0.53'));
  served.process.kill('SIGHUP');
  await served.line(/reloaded /);
  const reloaded = await scrape(served);
  t.match(after, /127\.0\.0\.52/);
  t.notMatch(reloaded, /127\.0\.0\.52/, 'gone with the config');
  t.equal(sampleOf(reloaded, /^failoverd_config_reloads_total\{result="success"\}/), 1);
  t.notMatch(before + after + reloaded, CANARY);
  if (NO_PROMTOOL) t.comment(NO_PROMTOOL);
  else for (const text of [before, after, reloaded]) t.equal(promtool(['check', 'metrics'], text), '');
});
