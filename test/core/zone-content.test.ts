import t from 'tap';
import { formatRRset } from '../../src/core/master-file.ts';
import { answerChanges, type ZonePlan, zoneContent } from '../../src/core/zone-content.ts';
import { name, rrsets } from '../helpers/names.ts';

const apex = name('app.example.com');
const plan: ZonePlan = {
  apex,
  nameservers: [
    { name: name('ns1.app.example.com'), addresses: ['203.0.113.53', '2001:db8::53'] },
    { name: name('ns2.example.net'), addresses: [] },
  ],
  soa: {
    contact: name('hostmaster.app.example.com'),
    refreshSeconds: 3600,
    retrySeconds: 600,
    expireSeconds: 1_209_600,
    minimumSeconds: 10,
  },
  staticRRsets: rrsets('app.example.com', 'www 300 CNAME @\nns1 60 A 203.0.113.54\nns1 60 A 203.0.113.53'),
  records: [
    { name: apex, ttlSeconds: 5 },
    { name: name('api.app.example.com'), ttlSeconds: 30 },
  ],
};
const answers = new Map([[apex, ['192.0.2.10', '2001:db8::10']]]);

t.test('zoneContent() holds name servers, glue merged with static records, and each record’s answer', async (t) => {
  const content = zoneContent(plan, answers, 7, {});
  t.same(
    content.rrsets.flatMap(formatRRset).map((line) => line.replaceAll('\t', ' ')),
    [
      'www.app.example.com. 300 IN CNAME app.example.com.',
      'ns1.app.example.com. 60 IN A 203.0.113.54',
      'ns1.app.example.com. 60 IN A 203.0.113.53',
      'app.example.com. 3600 IN NS ns1.app.example.com.',
      'app.example.com. 3600 IN NS ns2.example.net.',
      'ns1.app.example.com. 3600 IN AAAA 2001:db8::53',
      'app.example.com. 5 IN A 192.0.2.10',
      'app.example.com. 5 IN AAAA 2001:db8::10',
    ],
  );
  t.same(content.names, [apex, 'api.app.example.com.'], 'a record without an answer exists all the same');
});

t.test('zoneContent() keeps the negative TTL at or below that of every record (RFC 2308 §5)', async (t) => {
  const { soa, soaTtlSeconds } = zoneContent(plan, answers, 7, {});
  t.equal(soa.minimumSeconds, 5);
  t.equal(soaTtlSeconds, 5);
  t.equal(soa.serial, 7);
  t.equal(soa.mname, 'ns1.app.example.com.');
  t.equal(zoneContent({ ...plan, records: [] }, answers, 7, {}).soa.minimumSeconds, 10);
});

t.test('zoneContent() answers with a record’s addresses alone where it is a name server too', async (t) => {
  const record = { name: name('ns1.app.example.com'), ttlSeconds: 20 };
  const content = zoneContent({ ...plan, records: [record] }, new Map([[record.name, ['192.0.2.1']]]), 7, {});
  const addresses = content.rrsets.filter(({ owner }) => owner === record.name).flatMap(formatRRset);
  t.same(addresses, ['ns1.app.example.com.\t20\tIN\tA\t192.0.2.1']);
});

t.test('answerChanges() gives both families, null for one without an address', async (t) => {
  const [a, aaaa] = answerChanges(apex, 5, ['192.0.2.10', '192.0.2.11']);
  t.same(a?.rrset && formatRRset(a.rrset), [
    'app.example.com.\t5\tIN\tA\t192.0.2.10',
    'app.example.com.\t5\tIN\tA\t192.0.2.11',
  ]);
  t.same(aaaa, { owner: apex, type: 'AAAA', rrset: null });
});
