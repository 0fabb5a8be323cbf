/**
 * What decides beside plain probes, as an operator sees it: failoverd runs by its launcher with the config's own keys, real web
 * servers are killed and started again, `dig` asks. A sentinel sees a death long before the next probe; witnesses keep
 * a prober from acting on its own outage; a maintenance window drains; a certificate that ends soon raises an alarm.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { StatusReport } from '../../src/runtime/status.ts';
import { startBackend } from '../helpers/backend.ts';
import { dig, digUntil, LAUNCHER, type Served, serve } from '../helpers/serve.ts';

const NAME = 'app.example.com';
const PRIMARY = '127.0.0.41';
const BACKUP = '127.0.0.42';
const WITNESS = '127.0.0.43';

interface Keys {
  readonly check: string;
  readonly record?: string;
  readonly prober?: string;
}

function configOf({ check, record = '', prober = '' }: Keys): string {
  return `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
prober: {${prober}}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    records:
      "@": {ttl: 2s, primary: ${PRIMARY}, backup: ${BACKUP}, ${record} check: {${check}}}
`;
}

async function twoBackends(t: Test) {
  const primary = await startBackend(PRIMARY);
  const backup = await startBackend(BACKUP, primary.port);
  t.teardown(() => Promise.all([primary.kill(), backup.kill()]));
  return { primary, url: `url: "http://${NAME}:${primary.port}/"` };
}

async function start(t: Test, directory: string, keys: Keys): Promise<Served> {
  const served = await serve(directory, configOf(keys));
  t.teardown(() => served.stop());
  return served;
}

async function status(served: Served): Promise<StatusReport> {
  const admin = /admin API on (http:\/\/[\d.:]+)/.exec(served.lines.join('\n'))?.[1];
  const response = await fetch(`${admin}/api/v1/status`);
  return (await response.json()) as StatusReport;
}

/** Asks for the status again and again until it is so. */
async function statusUntil(served: Served, isSo: (report: StatusReport) => boolean): Promise<StatusReport> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const report = await status(served);
    if (isSo(report)) return report;
    await sleep(20);
  }
  throw new Error(`the status does not become what it should: ${JSON.stringify(await status(served))}`);
}

/** The local ports that hold a connection to this one, by the kernel's table (proc(5)). */
function connectionsTo(host: string, port: number): readonly string[] {
  const hex = (octet: string): string => Number(octet).toString(16).padStart(2, '0').toUpperCase();
  const remote = `${host.split('.').toReversed().map(hex).join('')}:${port.toString(16).padStart(4, '0').toUpperCase()}`;
  const rows = readFileSync('/proc/net/tcp', 'latin1').split('\n');
  return rows.flatMap((row) => {
    const [, local = '', peer, state] = row.trim().split(/\s+/);
    return peer === remote && state === '01' ? [local] : [];
  });
}

/** A probe's connection is gone after a moment; what is there twice is the sentinel's. */
async function sentinelOf(host: string, port: number): Promise<void> {
  for (let before: readonly string[] = []; ; await sleep(100)) {
    const now = connectionsTo(host, port);
    if (now.some((local) => before.includes(local))) return;
    before = now;
  }
}

t.test('sentinel: true leaves a killed primary at once although the interval is 30 s', async (t) => {
  const { primary, url } = await twoBackends(t);
  const directory = t.testdir();
  const check = `${url}, interval: 30s, timeout: 1s, confirm: 100ms, fall: 3, sentinel: true`;
  const served = await start(t, directory, { check });
  await digUntil(served.dnsPort, NAME, PRIMARY);
  await sentinelOf(PRIMARY, primary.port);

  await primary.kill();
  const tookMs = await digUntil(served.dnsPort, NAME, BACKUP);
  t.ok(tookMs < 10_000, `left within ${Math.round(tookMs)} ms`);
  const json = execFileSync(LAUNCHER, ['history', NAME, '--json', '--config', path.join(directory, 'failoverd.yaml')]);
  const rows = JSON.parse(json.toString()) as readonly { cause: string; reason: string; evidence: unknown }[];
  const failover = rows.find(({ cause }) => cause === 'failover');
  // The first probe may still meet a process that is about to be gone.
  t.match(failover?.reason, /: (refused ×3|reset ×1, refused ×2)$/, 'the closed connection itself counts for nothing');
  t.match(JSON.stringify(failover?.evidence), /"trigger":"sentinel"/);
});

async function holdsWhileBlind(t: Test, fall: number): Promise<void> {
  const { primary, url } = await twoBackends(t);
  const witness = await startBackend(WITNESS);
  t.teardown(() => witness.kill());
  const served = await start(t, t.testdir(), {
    check: `${url}, interval: 1s, timeout: 500ms, confirm: 100ms, fall: ${fall}`,
    prober: `witnesses: ["${WITNESS}:${witness.port}"]`,
  });
  await digUntil(served.dnsPort, NAME, PRIMARY);

  await Promise.all([witness.kill(), primary.kill()]);
  const blind = await statusUntil(
    served,
    ({ verdict, records }) => verdict === 'prober_blind' && records[0]?.targets[0]?.status === 'down',
  );
  t.match(blind, { records: [{ activeTarget: 'primary' }] });
  t.match(
    blind.alarms.map(({ name }) => name),
    ['prober_blind'],
  );
  t.equal(await dig(served.dnsPort, '+short', NAME), PRIMARY, 'nothing flips');

  const again = await startBackend(WITNESS, witness.port);
  t.teardown(() => again.kill());
  await digUntil(served.dnsPort, NAME, BACKUP);
  const report = await status(served);
  t.match(report, { verdict: 'on_backup', records: [{ reason: `primary ${PRIMARY}: refused ×${fall}` }] });
  t.notOk(report.alarms.some(({ name }) => name === 'prober_blind'));
}

for (const fall of [3, 1]) {
  const title = `witnesses, fall: ${fall}: a prober whose own network is gone holds every answer, and flips when it sees again`;
  t.test(title, (t) => holdsWhileBlind(t, fall));
}

t.test('maintenance: a window that is open drains its target, though that is up', async (t) => {
  const { url } = await twoBackends(t);
  const now = new Date();
  const cron = `${now.getUTCMinutes()} ${now.getUTCHours()} * * *`;
  const served = await start(t, t.testdir(), {
    check: `${url}, interval: 1s, timeout: 500ms`,
    record: `maintenance: [{target: primary, cron: "${cron}", for: 10m}],`,
  });
  await digUntil(served.dnsPort, NAME, BACKUP);
  const report = await statusUntil(served, ({ records }) => records[0]?.targets[0]?.status === 'up');
  t.match(report.records[0], { activeTarget: 'backup', targets: [{ name: 'primary', drained: true }] });
  t.equal(await dig(served.dnsPort, '+short', NAME), BACKUP);
});

t.test('a certificate that ends within 14 days raises certificate_expires while the server is up', async (t) => {
  const directory = t.testdir();
  const request =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3 -keyout key.pem -out cert.pem';
  const name = ['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`];
  execFileSync('openssl', [...request.split(' '), ...name], { cwd: directory, stdio: 'pipe' });
  const [key, cert] = ['key.pem', 'cert.pem'].map((file) => readFileSync(path.join(directory, file)));
  const server = createServer({ key, cert }, (_, response) => response.end('ok\n')).listen(0, '0.0.0.0');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const url = `url: "https://${NAME}:${port}/", tls: {ca_file: cert.pem}`;
  const served = await start(t, directory, { check: `${url}, interval: 1s, timeout: 900ms` });

  await served.line(new RegExp(`${NAME} backup ${BACKUP}: its certificate ends in 2 d`));
  const { verdict, alarms } = await status(served);
  t.equal(verdict, 'ok');
  t.same(alarms.map((alarm) => `${alarm.name} ${alarm.subject}`).toSorted(), [
    `certificate_expires ${NAME} backup ${BACKUP}`,
    `certificate_expires ${NAME} primary ${PRIMARY}`,
  ]);
});
