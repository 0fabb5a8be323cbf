/**
 * A failover as its secondaries took it: the real daemon, Knot DNS behind it, the primary killed. `explain` says when the
 * secondary had acknowledged and served the new answer, and goes on saying it after a kill -9 and a restart.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import type { Explanation } from '../../src/runtime/explanation.ts';
import { startBackend } from '../helpers/backend.ts';
import { addressOf, freePort, KEY, missing, startSecondary } from '../helpers/secondaries.ts';
import { digUntil, LAUNCHER, serve, status } from '../helpers/serve.ts';

const NAME = 'app.example.com';

t.test('explain says when a secondary had it, also after a restart', { skip: missing('knot') ?? false }, async (t) => {
  const primary = await startBackend('127.0.0.71');
  const backup = await startBackend('127.0.0.72', primary.port);
  const apart = mkdtempSync(path.join(tmpdir(), 'failoverd-')); // the names of sockets in it must be short
  t.teardown(() => rmSync(apart, { recursive: true, force: true }));
  const directory = t.testdir();
  const at = { zone: NAME, address: '127.0.0.1', port: await freePort('127.0.0.1') };
  const place = { address: addressOf('knot'), port: await freePort(addressOf('knot')) };
  const config = `
listen: ["127.0.0.1:${at.port}"]
admin: {listen: "127.0.0.1:0"}
zones:
  ${NAME}:
    nameservers: {ns1.example.net: , ns2.example.net: }
    secondaries: [{address: ${place.address}, port: ${place.port}, key: ${KEY.name}}]
    records:
      "@":
        ttl: 2s
        primary: ${primary.host}
        backup: ${backup.host}
        check: {url: "http://${NAME}:${primary.port}/", interval: 1s, timeout: 500ms, confirm: 100ms}
keys:
  ${KEY.name}: {algorithm: ${KEY.algorithm}, secret: ${KEY.secret}}
`;
  let served = await serve(directory, config);
  t.teardown(async () => {
    await served.stop();
    await Promise.all([primary.kill(), backup.kill()]);
  });
  const secondary = startSecondary('knot', apart, place.port, at);
  t.teardown(() => secondary.stop());
  const known = async () => (await status(served)).secondaries[0]?.serial ?? null;
  while ((await known()) === null) await new Promise((resolve) => setTimeout(resolve, 50));

  await primary.kill();
  await digUntil(served.dnsPort, NAME, backup.host);
  const explain = (...args: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const all = ['explain', NAME, ...args, '--config', path.join(directory, 'failoverd.yaml')];
      execFile(LAUNCHER, all, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    });
  const untilServed = async (): Promise<Explanation> => {
    for (;;) {
      const found = JSON.parse(await explain('--json')) as Explanation;
      if (found.cause === 'failover' && found.secondaries[0]?.servedAt) return found;
    }
  };
  const explanation = await untilServed();
  const [theirs] = explanation.secondaries;
  t.equal(theirs?.secondary, `${place.address}:${place.port}`);
  const moved = Date.parse(explanation.movedBy ?? '');
  const served2 = [explanation.publishedAt, theirs?.servedAt].map((text) => Date.parse(text ?? ''));
  t.equal(moved, Math.max(...served2) + 2000, 'the last one to change, and the TTL');
  t.match(await explain(), new RegExp(`${theirs?.secondary} +serves it, \\d+(\\.\\d)? m?s after the decision`));
  t.comment(await explain());

  await served.stop('SIGKILL');
  served = await serve(directory, config);
  t.same((JSON.parse(await explain('--json')) as Explanation).secondaries, explanation.secondaries);
});
