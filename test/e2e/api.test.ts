/**
 * The admin API of a running daemon: each read answers in the shape that /openapi.json gives for it, an order with a stale
 * generation is refused, a reload with errors names each, everything that was ordered is in the audit, and none of the
 * secrets of the config comes out anywhere.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { adminRoutes } from '../../src/admin/routes.ts';
import { SHAPES } from '../../src/admin/shapes.ts';
import { fakeHandlers } from '../helpers/admin.ts';
import { startBackend } from '../helpers/backend.ts';
import { digUntil, LAUNCHER, serve } from '../helpers/serve.ts';

const NAME = 'app.example.com';
const BY = { reason: 'a test', actor: 'alice' };

/** Each is found again by its text, wherever it comes out. */
const CANARIES = {
  token: 'canary-token-1234567890',
  key: Buffer.from('canary-tsig-secret-0123456789abcd').toString('base64'),
  hookPath: 'canary-hook-path',
  hookSecret: `whsec_${Buffer.from('canary-hook-secret-0123456789').toString('base64')}`,
  header: 'canary-check-header',
  query: 'canary-check-query',
  cookie: 'ca11ab1e0123456789abcdef01234567',
};

function configOf(port: number, adminPort: number, extra = ''): string {
  return `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:${adminPort}", token: ${CANARIES.token}, public_read: false}
dns: {cookie_secret: "${CANARIES.cookie}"}
log: {level: debug}
keys:
  transfer: {algorithm: hmac-sha256, secret: "${CANARIES.key}"}
notify:
  - {url: "http://127.0.0.1:9/${CANARIES.hookPath}", secret: "${CANARIES.hookSecret}", format: webhook, on: [override]}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    secondaries: [{address: 127.0.0.99, port: 9953, key: transfer}]
    records:
      "@":
        ttl: 2s
        primary: 127.0.0.41
        backup: 127.0.0.42
        check:
          url: "http://${NAME}:${port}/health?token=${CANARIES.query}"
          headers: {Authorization: "Bearer ${CANARIES.header}"}
          interval: 1s
          timeout: 500ms
          confirm: 100ms
${extra}`;
}

t.test('the API of a running daemon', async (t) => {
  const primary = await startBackend('127.0.0.41');
  const backup = await startBackend('127.0.0.42', primary.port);
  const free = await startBackend('127.0.0.1'); // a port that is free in a moment
  await free.kill();
  const directory = t.testdir();
  const config = path.join(directory, 'failoverd.yaml');
  const served = await serve(directory, configOf(primary.port, free.port));
  t.teardown(async () => {
    await served.stop();
    await Promise.all([primary.kill(), backup.kill()]);
  });
  await digUntil(served.dnsPort, NAME, '127.0.0.41');

  /** All that came out, to look for secrets in it. */
  const outputs: string[] = [];
  const authorization = `Bearer ${CANARIES.token}`;
  const get = async (where: string, headers: Record<string, string> = { authorization }) => {
    const response = await fetch(`${served.adminUrl}${where}`, { headers });
    const text = await response.text();
    outputs.push(text, JSON.stringify([...response.headers]));
    return { status: response.status, etag: response.headers.get('etag'), body: JSON.parse(text) };
  };
  const post = async (where: string, body: object, headers: Record<string, string> = {}) => {
    const all = { authorization, 'content-type': 'application/json', ...headers };
    const response = await fetch(`${served.adminUrl}${where}`, {
      method: 'POST',
      headers: all,
      body: JSON.stringify(body),
    });
    const text = await response.text();
    outputs.push(text);
    return { status: response.status, body: JSON.parse(text) };
  };
  const shapeOf = (route: string) => {
    const found = adminRoutes(fakeHandlers()).find(({ method, path: where }) => method === 'GET' && where === route);
    return found?.doc?.answer === undefined ? undefined : SHAPES[found.doc.answer];
  };
  const order = `/api/v1/records/${NAME}`;

  const statusOfBackup = async (): Promise<unknown> => (await get(order)).body.families[0].targets[1].status;
  while ((await statusOfBackup()) !== 'up'); // the primary's pass alone is enough for the first answer
  const seen = await get(order);
  t.match(await post(`${order}/switch`, { ...BY, target: 'backup', dryRun: true }), {
    body: { from: { target: 'primary' }, wouldAnswer: { target: 'backup', addresses: ['127.0.0.42'] } },
  });
  t.match(await post(`${order}/switch`, { ...BY, target: 'backup' }, { 'if-match': seen.etag ?? '' }), {
    status: 200,
    body: { families: [{ activeTarget: 'backup' }] },
  });
  t.match(await post(`${order}/release`, BY, { 'if-match': seen.etag ?? '' }), { status: 412 });
  await digUntil(served.dnsPort, NAME, '127.0.0.42');
  t.match(await post('/api/v1/check', { ...BY, record: NAME }), { status: 200 });
  t.match(await post(`${order}/failback`, BY), { status: 409 });

  await writeFile(config, configOf(primary.port, free.port, '        tll: 5s\n        primary_: 1\n'));
  const refused = await post('/api/v1/reload', BY);
  const errors = refused.body.problems.filter(({ severity }: { severity: string }) => severity === 'error');
  t.match(
    [refused.status, errors],
    [
      422,
      [
        { line: 25, column: 9 },
        { line: 26, column: 9 },
      ],
    ],
  );
  await writeFile(config, configOf(primary.port, free.port, '        failback: {after: 5s}\n'));
  t.match(await post('/api/v1/reload', BY), { status: 200, body: { ok: true } });

  for (const [route, where = route] of [
    ['/livez'],
    ['/readyz'],
    ['/openapi.json'],
    ['/api/v1/status'],
    ['/api/v1/records'],
    ['/api/v1/records/{record}', order],
    ['/api/v1/alarms'],
    ['/api/v1/transitions'],
    ['/api/v1/transitions/{id}', '/api/v1/transitions/1'],
    ['/api/v1/probes', `/api/v1/probes?record=${NAME}&limit=5`],
    ['/api/v1/availability', `/api/v1/availability?record=${NAME}&window=1h`],
    ['/api/v1/audit'],
    ['/api/v1/zones/{zone}', `/api/v1/zones/${NAME}`],
  ] as const) {
    const { status, body } = await get(where);
    t.equal(status, 200, where);
    const parsed = shapeOf(route)?.safeParse(body);
    t.same(parsed?.error?.issues, undefined, `${where} has the shape of ${route}`);
  }
  t.match((await get('/api/v1/audit')).body.entries, [
    { action: 'reload', outcome: 'done' },
    { action: 'reload', outcome: /^refused: 2 errors/ },
    { action: 'failback', outcome: /^refused/ },
    { action: 'check', outcome: 'done' },
    { action: 'release', outcome: 'refused: the record has changed since' },
    { ...BY, action: 'switch', record: NAME, detail: { target: 'backup' }, outcome: 'done' },
  ]);
  t.match((await get('/api/v1/status')).body, { reloads: { succeeded: 1, failed: 1 } });
  for (const where of ['/api/v1/status', '/api/v1/audit', '/api/v1/events']) {
    t.equal((await get(where, {})).status, 401, `${where} without the token`);
  }

  await primary.kill(); // its errors come out too
  await served.line(/primary.*refused/);
  await get('/api/v1/probes?limit=50');
  for (const args of [['status'], ['status', '--json'], ['history'], ['explain', '1'], ['check'], ['probe', NAME]]) {
    outputs.push(await run([...args, '--config', config]));
  }
  const leaked = Object.entries(CANARIES).filter(([, secret]) =>
    [...outputs, ...served.lines].join('\n').includes(secret),
  );
  t.same(leaked, [], 'no secret of the config came out');
  t.ok(outputs.length > 25 && served.lines.length > 5, 'there was something to look at');
});

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => execFile(LAUNCHER, args, (_error, stdout, stderr) => resolve(stdout + stderr)));
}
