import t from 'tap';
import { createTestEngine, httpsEndpoint, PASS, REFUSED, record, target, zone } from '../helpers/engine.ts';

const PRIMARY = '192.0.2.10';
const BACKUP = '198.51.100.20';
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

function overTls(name: string, address: string) {
  return { ...target(name, address), endpoints: [httpsEndpoint(address)] };
}

async function started() {
  const test = createTestEngine();
  await test.apply(zone(record({ targets: [overTls('primary', PRIMARY), overTls('backup', BACKUP)] })));
  const { clock, alarms, probe } = test;
  return {
    ...test,
    /** A probe over TLS that saw a certificate which ends in so many days. */
    seeCertificate: (address: string, days: number) =>
      probe(address, PASS, 1, { certificateExpiresAtEpochMs: clock.epochMs() + days * DAY_MS }),
    named: (name: string) => alarms.list().filter((alarm) => alarm.name === name),
  };
}

t.test(
  'outlook raises certificate_expires 14 days before the end, also of the backup, soon after a start',
  async (t) => {
    const { seeCertificate, clock, named } = await started();
    seeCertificate(PRIMARY, 14.5);
    seeCertificate(BACKUP, 3.5);
    clock.advance(5_000);
    t.match(named('certificate_expires'), [
      {
        subject: `app.example.com backup ${BACKUP}`,
        message: `app.example.com backup ${BACKUP}: its certificate ends in 3 d, on 2026-01-04`,
      },
    ]);
  },
);

t.test('outlook resolves certificate_expires when the certificate has been renewed', async (t) => {
  const { seeCertificate, clock, named } = await started();
  seeCertificate(PRIMARY, 0.5);
  clock.advance(MINUTE_MS);
  t.match(named('certificate_expires'), [{ message: /ends within a day, on 2026-01-01$/ }]);
  clock.advance(DAY_MS);
  t.match(named('certificate_expires'), [{ message: /has ended on 2026-01-01$/ }]);
  seeCertificate(PRIMARY, 90);
  clock.advance(MINUTE_MS);
  t.same(named('certificate_expires'), []);
});

t.test('outlook keeps certificate_expires while no probe sees a certificate', async (t) => {
  const { seeCertificate, probe, clock, named } = await started();
  seeCertificate(BACKUP, 2);
  clock.advance(MINUTE_MS);
  probe(BACKUP, REFUSED, 10);
  clock.advance(MINUTE_MS);
  t.equal(named('certificate_expires').length, 1);
});

t.test('outlook forgets the certificates of endpoints that the config has no more', async (t) => {
  const { seeCertificate, clock, named, apply } = await started();
  seeCertificate(BACKUP, 2);
  clock.advance(MINUTE_MS);
  t.equal(named('certificate_expires').length, 1);
  const targets = [overTls('primary', PRIMARY), overTls('backup', '198.51.100.21')];
  await apply(zone(record({ targets })));
  clock.advance(5_000);
  t.same(named('certificate_expires'), []);
});

t.test('outlook raises prober_overloaded when probes stay later than the shortest interval', async (t) => {
  const { proberStats, clock, named } = await started();
  Object.assign(proberStats, { lagMs: 5_100, waiting: 70 });
  clock.advance(10_000);
  t.same(named('prober_overloaded'), [], 'one look is no proof');
  clock.advance(10_000);
  t.match(named('prober_overloaded'), [{ subject: 'prober', message: /^probes are 5\.1 s late and 70 wait: / }]);
  proberStats.lagMs = 4_900;
  clock.advance(10_000);
  t.same(named('prober_overloaded'), []);
});
