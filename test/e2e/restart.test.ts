/**
 * A restart is not seen. failoverd is killed with SIGKILL while a record is on its backup, and starts again on servers that
 * accept and never reply: whatever is answered before their first probe ends can only come from the database.
 */
import t from 'tap';
import { startBackend } from '../helpers/backend.ts';
import { dig, digUntil, serve, status, written } from '../helpers/serve.ts';

const NAME = 'app.example.com';

function configOf(port: number, times: string): string {
  return `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    records:
      "@":
        primary: 127.0.0.21
        backup: 127.0.0.22
        check: {url: "http://${NAME}:${port}/", ${times}}
`;
}

const QUICK = 'interval: 1s, timeout: 500ms, confirm: 200ms, fall: 3, rise: 2';
/** No probe of a server that never replies ends while the test looks. */
const SLOW = 'interval: 60s, timeout: 59s, fall: 3, rise: 2';

t.test(
  'kill -9 on the backup: active target, health and serials come back, the first answer before the first probe',
  async (t) => {
    const primary = await startBackend('127.0.0.21');
    const backup = await startBackend('127.0.0.22', primary.port);
    t.teardown(() => Promise.all([primary.kill(), backup.kill()]));
    const directory = t.testdir();
    const first = await serve(directory, configOf(primary.port, QUICK));
    t.teardown(() => first.stop('SIGKILL'));
    await digUntil(first.dnsPort, NAME, '127.0.0.21');
    primary.signal('SIGSTOP');
    await digUntil(first.dnsPort, NAME, '127.0.0.22');
    await written(directory, 'failover');
    const before = await status(first);
    t.equal(await first.stop('SIGKILL'), 'SIGKILL');
    backup.signal('SIGSTOP');

    const startedMs = performance.now();
    const second = await serve(directory, configOf(primary.port, SLOW));
    t.teardown(() => second.stop());
    t.equal(await dig(second.dnsPort, '+short', NAME), '127.0.0.22');
    t.comment(`first answer ${Math.round(performance.now() - startedMs)} ms after the start`);
    const after = await status(second);
    t.same(
      after.records[0]?.targets.flatMap(({ endpoints }) => endpoints.map(({ lastProbe }) => lastProbe)),
      [null, null],
      'no probe has ended yet',
    );
    t.match(after.records[0], { activeTarget: 'backup', cause: 'failover', since: before.records[0]?.since });
    t.same(after.records[0]?.reason, before.records[0]?.reason);
    t.ok((after.zones[0]?.serial ?? 0) > (before.zones[0]?.serial ?? Number.POSITIVE_INFINITY), 'the serial has grown');
    t.equal(await second.stop(), 0, 'a graceful stop does not wait for probes that hang');
  },
);
