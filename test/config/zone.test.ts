import t from 'tap';
import { alone, table, withRecord, withZone } from './texts.ts';

t.test('zones: every name is a domain name, once, and not the root', async (t) => {
  table(t, alone, [
    [['zones:'], ['1:7 error zones must be a map with at least one name, found nothing']],
    [['zones: {}'], ['1:8 error zones must be a map with at least one name, found a map']],
    [['zones: [a]'], ['1:8 error zones must be a map with at least one name, found a list']],
    [['zones:', '  a.example: 5'], ['2:14 error zones["a.example"] must be a map, found 5']],
    [['zones:', '  a.example:'], ['2:13 error zones["a.example"] must be a map, found nothing']],
    [['zones:', '  .: {}'], ['2:3 error zones["."] is the root, which is not served']],
    [['zones:', '  a..b: {}'], ['2:3 error zones["a..b"] has an empty label']],
    [
      ['zones:', '  a.example: {}', '  A.Example.: {}'],
      [
        '2:3 error nameservers is missing in zones["a.example"]',
        '2:3 error records is missing in zones["a.example"]',
        '3:3 error zones["A.Example."] is the same name as "a.example"',
      ],
    ],
    [
      ['zones:', '  a.example: {record: {}}'],
      [
        '2:3 error nameservers is missing in zones["a.example"]',
        '2:15 error unknown key "record" in zones["a.example"]; did you mean "records"?',
      ],
    ],
  ]);
});

t.test('a name within a zone that is served too belongs to that zone', async (t) => {
  table(t, alone, [
    [
      [
        'zones:',
        '  example:',
        '    nameservers: {ns.example.net: }',
        '    static: [{name: x.app, type: TXT, data: x}, {name: app, type: NS, data: ns.example.net.}]',
        '    records: {x.app: {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
        '  app.example:',
        '    nameservers: {ns.example.net: }',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      [
        '4:14 error x.app.example belongs to the zone app.example, which is served here too',
        '5:15 error records["x.app"] belongs to the zone app.example, which is served here too',
      ],
    ],
  ]);
});

t.test('internationalised names are the same as their A-labels', async (t) => {
  table(t, alone, [
    [
      [
        'zones:',
        '  bücher.example:',
        '    nameservers: {ns.BÜCHER.example: 192.0.2.1}',
        '    records: {bücher: {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}, XN--bcher-kva: {}}',
      ],
      ['4:81 error records["XN--bcher-kva"] is the same name as "bücher"'],
    ],
  ]);
});

t.test('nameservers: names in the zone need glue, those outside get none', async (t) => {
  table(t, alone, [
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: ',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['3:18 error nameservers must be a map with at least one name, found nothing'],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {}',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['3:18 error nameservers must be a map with at least one name, found a map'],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: 5',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['3:18 error nameservers must be a map with at least one name, found 5'],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {ns: 192.0.2.1}',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['3:19 error nameservers["ns"] must be a full name, such as ns.a.example'],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {ns.a.example: }',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['3:19 error nameservers["ns.a.example"] lies in the zone and needs an address (glue)'],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {ns.a.example: []}',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['3:19 error nameservers["ns.a.example"] lies in the zone and needs an address (glue)'],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {ns.b.example: }',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      [],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {ns.b.example: 192.0.2.1}',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['3:33 warning ns.b.example lies outside the zone: its address is not used, the zone that it lies in gives it'],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {ns.a.example: [192.0.2.1, x, 5, "::ffff:192.0.2.1", 0.0.0.0, 224.0.0.1]}',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      [
        '3:45 error nameservers["ns.a.example"][1] must be an IP address, found "x"',
        '3:48 error nameservers["ns.a.example"][2] must be an IP address, found 5',
        '3:51 error nameservers["ns.a.example"][3] is an IPv4-mapped IPv6 address: write 192.0.2.1',
        '3:71 error nameservers["ns.a.example"][4] must be the address of one server, found "0.0.0.0"',
        '3:80 error nameservers["ns.a.example"][5] must be the address of one server, found "224.0.0.1"',
      ],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {"": 192.0.2.1, a..b: 192.0.2.1}',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['3:19 error nameservers[""] is empty', '3:34 error nameservers["a..b"] has an empty label'],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {ns.a.example: 192.0.2.1, NS.a.example.: 192.0.2.1}',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['3:44 error nameservers["NS.a.example."] is the same name as "ns.a.example"'],
    ],
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {a.example: 192.0.2.1}',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['3:19 error nameservers["a.example"] is a failover record too: a name server keeps its address'],
    ],
  ]);
});

t.test('soa', async (t) => {
  table(t, withZone, [
    [['soa: {serial: 5}'], ['4:11 error unknown key "serial" in soa']],
    [
      ['soa: {refresh: 0s, retry: 1500ms, expire: 10}'],
      [
        '4:20 error refresh must be a duration from 1s to 30d, found "0s"',
        '4:31 error retry must be whole seconds, found "1500ms"',
        '4:47 error expire must be a duration such as 500ms, 5s, 1m, 1h or 14d, found 10',
      ],
    ],
    [['soa: {contact: ""}'], ['4:20 error contact is empty']],
    [['soa: {contact: 5}'], ['4:20 error contact must be an e-mail address or a domain name, found 5']],
    [
      ['soa: {contact: "a b@example.com"}'],
      ['4:20 error contact must be an e-mail address or a domain name, found "a b@example.com"'],
    ],
    [
      ['soa: {minimum: 11s}'],
      ["4:20 error minimum (11s) must not be longer than the shortest ttl of the zone's records (10s)"],
    ],
    [['soa: {minimum: 10s}'], []],
  ]);
});

t.test('records: names lie in the zone, once', async (t) => {
  table(t, withRecord, [
    [
      ['{}\n      A.: {}'],
      [
        '5:7 error primary is missing in records["@"]',
        '5:7 error backup is missing in records["@"]',
        '5:7 error check is missing in records["@"]',
        '7:7 error records["A."] lies outside the zone app.example.com',
      ],
    ],
    [
      ['{}\n      a: {}\n      a.app.example.com.: {}'],
      [
        '5:7 error primary is missing in records["@"]',
        '5:7 error backup is missing in records["@"]',
        '5:7 error check is missing in records["@"]',
        '7:7 error primary is missing in records["a"]',
        '7:7 error backup is missing in records["a"]',
        '7:7 error check is missing in records["a"]',
        '8:7 error records["a.app.example.com."] is the same name as "a"',
      ],
    ],
    [
      ['{}\n      "": {}'],
      [
        '5:7 error primary is missing in records["@"]',
        '5:7 error backup is missing in records["@"]',
        '5:7 error check is missing in records["@"]',
        '7:7 error records[""] is empty',
      ],
    ],
    [
      ['{}\n      b..c: {}'],
      [
        '5:7 error primary is missing in records["@"]',
        '5:7 error backup is missing in records["@"]',
        '5:7 error check is missing in records["@"]',
        '7:7 error records["b..c"] has an empty label',
      ],
    ],
  ]);
});

t.test('static: a list of records', async (t) => {
  table(t, withZone, [
    [['static: {}'], ['4:13 error static must be a list, found a map']],
    [['static: [x]'], ['4:14 error static[0] must be a map, found "x"']],
    [
      ['static: [{}]'],
      [
        '4:14 error name is missing in static[0]',
        '4:14 error type is missing in static[0]',
        '4:14 error data is missing in static[0]',
      ],
    ],
    [
      ['static: [{name: a, type: A, data: 192.0.2.1, tll: 1h}]'],
      ['4:50 error unknown key "tll" in static[0]; did you mean "ttl"?'],
    ],
    [
      ['static: [{name: 5, type: 5, data: 5, ttl: 5}]'],
      [
        '4:30 error type must be one of A, AAAA, CNAME, TXT, MX, NS, SRV, CAA, found 5',
        '4:47 error ttl must be a duration such as 500ms, 5s, 1m, 1h or 14d, found 5',
      ],
    ],
    [
      ['static: [{name: example.org., type: A, data: 192.0.2.1}]'],
      ['4:21 error name lies outside the zone app.example.com'],
    ],
    [
      ['static: [{name: a, type: PTR, data: x.}]'],
      ['4:30 error type must be one of A, AAAA, CNAME, TXT, MX, NS, SRV, CAA, found "PTR"'],
    ],
    [
      ['static: [{name: a, type: DNAME, data: x.}]'],
      [
        '4:30 error type cannot be DNAME: it would redirect every name below it, failover names too; write a CNAME for each',
      ],
    ],
    [['static: [{name: a, type: SOA, data: x.}]'], ['4:30 error type cannot be SOA: it is made from "soa"']],
  ]);
});

t.test('static: data in master-file form (RFC 1035 §5.1)', async (t) => {
  table(t, withZone, [
    [['static: [{name: a, type: A, data: 192.0.2}]'], ['4:39 error data is not an IPv4 address such as 192.0.2.1']],
    [['static: [{name: a, type: A, data: [192.0.2.1]}]'], ['4:39 error data must be a text, found a list']],
    [
      ['static: [{name: a, type: AAAA, data: 192.0.2.1}]'],
      ['4:42 error data is not an IPv6 address such as 2001:db8::1'],
    ],
    [
      ['static: [{name: a, type: AAAA, data: "::ffff:192.0.2.1"}]'],
      ['4:42 error data is an IPv4-mapped IPv6 address: write 192.0.2.1'],
    ],
    [['static: [{name: a, type: MX, data: mail}]'], ['4:40 error data is not of the form 10 mail.example.net.']],
    [['static: [{name: a, type: MX, data: 10 a..b}]'], ['4:40 error data names a..b, which has an empty label']],
    [
      ['static: [{name: a, type: SRV, data: 1 2 3}]'],
      ['4:41 error data is not of the form 0 5 443 server.example.net.'],
    ],
    [['static: [{name: a, type: CAA, data: issue}]'], ['4:41 error data is not of the form 0 issue "ca.example.net"']],
    [['static: [{name: a, type: TXT, data: 5}]'], ['4:41 error data must be a text or a list of texts, found 5']],
    [['static: [{name: a, type: TXT, data: []}]'], ['4:41 error data holds no string']],
    [
      ['static: [{name: a, type: TXT, data: [a, 5]}]'],
      ['4:41 error data must be a text or a list of texts, found a list'],
    ],
  ]);
});

t.test('static: a CNAME stands alone, and not at the apex (RFC 1034 §3.6.2)', async (t) => {
  table(t, withZone, [
    [
      ['static: [{name: "@", type: CNAME, data: x.}]'],
      [
        '4:14 error a CNAME cannot stand at the apex, beside SOA and NS (RFC 1034 §3.6.2)',
        '4:14 error app.example.com stands under "records" and can have no static CNAME',
      ],
    ],
    [
      ['static: [{name: a, type: CNAME, data: x.}, {name: A, type: TXT, data: x}]'],
      ['4:48 error a.app.example.com has a CNAME and can have no other record (RFC 1034 §3.6.2)'],
    ],
    [
      ['static: [{name: a, type: TXT, data: x}, {name: a, type: CNAME, data: x.}]'],
      ['4:14 error a.app.example.com has a CNAME and can have no other record (RFC 1034 §3.6.2)'],
    ],
    [
      ['static: [{name: a, type: CNAME, data: x.}, {name: a, type: CNAME, data: y.}]'],
      ['4:48 error a.app.example.com has a CNAME and can have no other record (RFC 1034 §3.6.2)'],
    ],
    [['static: [{name: a, type: CNAME, data: a}]'], ['4:14 error the CNAMEs from a.app.example.com lead back to it']],
    [
      ['static: [{name: a, type: CNAME, data: b}, {name: b, type: CNAME, data: a}, {name: c, type: CNAME, data: a}]'],
      [
        '4:14 error the CNAMEs from a.app.example.com lead back to it',
        '4:47 error the CNAMEs from b.app.example.com lead back to it',
      ],
    ],
  ]);
});

t.test('static: no record twice, one ttl for an RRset (RFC 2181 §5)', async (t) => {
  table(t, withZone, [
    [
      ['static: [{name: a, type: A, data: 192.0.2.1}, {name: A, type: a, data: 192.0.2.1}]'],
      ['4:51 error this A record of a.app.example.com is given twice'],
    ],
    [
      ['static: [{name: a, type: TXT, data: x, ttl: 1h}, {name: a, type: TXT, data: y}]'],
      ['4:54 error the TXT records of a.app.example.com must have one ttl (RFC 2181 §5.2)'],
    ],
    [
      ['static: [{name: a, type: AAAA, data: "2001:DB8::1"}, {name: a, type: AAAA, data: "2001:db8:0::1"}]'],
      ['4:58 error this AAAA record of a.app.example.com is given twice'],
    ],
  ]);
});

t.test('static: names that get their addresses elsewhere', async (t) => {
  table(t, withZone, [
    [
      ['static: [{name: "@", type: A, data: 192.0.2.1}, {name: "@", type: MX, data: 10 x.}]'],
      ['4:14 error app.example.com stands under "records" and can have no static A'],
    ],
    [
      ['static: [{name: ns1, type: AAAA, data: "2001:db8::1"}, {name: ns1, type: TXT, data: x}]'],
      ['4:14 error ns1.app.example.com stands under "nameservers" and can have no static AAAA'],
    ],
    [
      ['static: [{name: ns1, type: CNAME, data: x.}]'],
      ['4:14 error ns1.app.example.com stands under "nameservers" and can have no static CNAME'],
    ],
  ]);
});

t.test('static: NS below the apex delegates (RFC 1034 §4.2.1)', async (t) => {
  table(t, withZone, [
    [['static: [{name: "@", type: NS, data: x.}]'], ['4:14 error the apex\'s NS records come from "nameservers"']],
    [
      ['static: [{name: b, type: NS, data: ns.b}]'],
      ['4:14 error ns.b.app.example.com lies below the delegation and needs a static A or AAAA (glue)'],
    ],
    [['static: [{name: b, type: NS, data: ns.b}, {name: ns.b, type: A, data: 192.0.2.1}]'], []],
    [
      ['static: [{name: b, type: NS, data: x.}, {name: b, type: TXT, data: x}, {name: c.b, type: MX, data: 10 x.}]'],
      [
        '4:45 error b.app.example.com lies at or below the delegation of b.app.example.com',
        '4:76 error c.b.app.example.com lies at or below the delegation of b.app.example.com',
      ],
    ],
    [['static: [{name: "*.b", type: NS, data: x.}]'], ['4:14 error a wildcard cannot be delegated (RFC 4592 §4.2)']],
  ]);
});

t.test('static: what others point to is no alias (RFC 2181 §10.3)', async (t) => {
  table(t, withZone, [
    [
      [
        'static: [{name: a, type: CNAME, data: x.}, {name: b, type: MX, data: 10 a}, {name: c, type: SRV, data: 1 1 1 a}, {name: d, type: NS, data: a}]',
      ],
      [
        '4:48 error a.app.example.com is a CNAME: MX must name a host itself (RFC 2181 §10.3)',
        '4:81 error a.app.example.com is a CNAME: SRV must name a host itself (RFC 2181 §10.3)',
        '4:118 error a.app.example.com is a CNAME: NS must name a host itself (RFC 2181 §10.3)',
      ],
    ],
  ]);
});

t.test('static: a failover record below a delegation is not answered', async (t) => {
  table(t, alone, [
    [
      [
        'zones:',
        '  a.example:',
        '    nameservers: {ns.b.example: }',
        '    static: [{name: b, type: NS, data: x.}]',
        '    records: {b: {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}, c.b: {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      [
        '5:15 error records["b"] lies at or below the delegation of b.a.example',
        '5:76 error records["c.b"] lies at or below the delegation of b.a.example',
      ],
    ],
  ]);
});

t.test('secondaries', async (t) => {
  table(t, withZone, [
    [['secondaries: 5'], ['4:18 error secondaries must be a list, found 5']],
    [['secondaries: [192.0.2.1]'], ['4:19 error secondaries[0] must be a map, found "192.0.2.1"']],
    [
      ['secondaries: [{address: x, port: 0}, {}]'],
      [
        '4:29 error address must be an IP address, found "x"',
        '4:38 error port must be a whole number from 1 to 65535, found 0',
        '4:42 error address is missing in secondaries[1]',
      ],
    ],
    [
      ['secondaries: [{address: 192.0.2.1}, {address: 192.0.2.1, key: transfer}]'],
      ['4:41 error the secondary 192.0.2.1 port 53 is given twice', '4:67 error there is no "transfer" under keys'],
    ],
  ]);
});

t.test('a key of a secondary must be there', async (t) => {
  table(t, alone, [
    [
      [
        'keys: {transfer: {secret: AAAAAAAAAAAAAAAAAAAAAAAAAAA=}}',
        'zones:',
        '  a.example:',
        '    nameservers: {ns.b.example: }',
        '    secondaries: [{address: 192.0.2.1, key: Transfer.}, {address: 192.0.2.2, key: transfr}]',
        '    records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 5}}}',
      ],
      ['5:83 error there is no "transfr" under keys; did you mean "transfer"?'],
    ],
  ]);
});
