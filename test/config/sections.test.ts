import t from 'tap';
import { configOf, table, withTop } from './texts.ts';

t.test('unknown keys are errors, with the key that was probably meant', async (t) => {
  table(t, withTop, [
    [['listn: x'], ['1:1 error unknown key "listn"; did you mean "listen"?']],
    [['foo: x'], ['1:1 error unknown key "foo"']],
    [['log: {levle: info}'], ['1:7 error unknown key "levle" in log; did you mean "level"?']],
    [
      ['dns: {rate_limit: {ipv6_prefx: 64}}'],
      ['1:20 error unknown key "ipv6_prefx" in rate_limit; did you mean "ipv6_prefix"?'],
    ],
    [['defaults: {primary: 1.2.3.4}'], ['1:12 error unknown key "primary" in defaults']],
    [
      ['defaults: {check: {interval: 5s}}'],
      ['1:12 error unknown key "check" in defaults; write the keys of a check directly under "defaults"'],
    ],
  ]);
});

t.test('listen is a list of addresses with ports', async (t) => {
  table(t, withTop, [
    [['listen: 53'], ['1:9 error listen must be an address and a port such as 127.0.0.1:53 or [::1]:53, found 53']],
    [['listen: "53"'], ['1:9 error listen must be an address and a port such as 127.0.0.1:53 or [::1]:53, found "53"']],
    [
      ['listen: localhost:53'],
      ['1:9 error listen must be an address and a port such as 127.0.0.1:53 or [::1]:53, found "localhost:53"'],
    ],
    [['listen: []'], ['1:9 error listen must hold at least one address']],
    [
      ['listen: ["127.0.0.1:53", "[::1]:99999", "::1:53", "[127.0.0.1]:53", {a: 1}]'],
      [
        '1:26 error listen[1] must be an address and a port such as 127.0.0.1:53 or [::1]:53, found "[::1]:99999"',
        '1:41 error listen[2] must be an address and a port such as 127.0.0.1:53 or [::1]:53, found "::1:53"',
        '1:51 error listen[3] must be an address and a port such as 127.0.0.1:53 or [::1]:53, found "[127.0.0.1]:53"',
        '1:69 error listen[4] must be an address and a port such as 127.0.0.1:53 or [::1]:53, found a map',
      ],
    ],
    [['listen: ["127.0.0.1:53", "127.0.0.1:53"]'], ['1:26 error 127.0.0.1:53 is given twice']],
    [['listen:'], ['1:8 error listen must be an address and a port such as 127.0.0.1:53 or [::1]:53, found nothing']],
  ]);
});

t.test('workers and database', async (t) => {
  table(t, withTop, [
    [['workers: 0'], ['1:10 error workers must be auto or a whole number from 1 to 256, found 0']],
    [['workers: 257'], ['1:10 error workers must be auto or a whole number from 1 to 256, found 257']],
    [['workers: many'], ['1:10 error workers must be auto or a whole number from 1 to 256, found "many"']],
    [['workers: 1.5'], ['1:10 error workers must be auto or a whole number from 1 to 256, found 1.5']],
    [['workers:'], ['1:9 error workers must be auto or a whole number from 1 to 256, found nothing']],
    [['database: ""'], ['1:11 error database must be a text that is not empty, found ""']],
    [['database: 5'], ['1:11 error database must be a text in quotes, found 5']],
    [['database: [a]'], ['1:11 error database must be a text, found a list']],
    [['database:'], ['1:10 error database must be a text, found nothing']],
  ]);
});

t.test('admin', async (t) => {
  table(t, withTop, [
    [['admin:'], ['1:7 error admin must be a map, found nothing']],
    [['admin: x'], ['1:8 error admin must be a map, found "x"']],
    [
      ['admin: {listen: "0.0.0.0:8053"}'],
      ['1:17 error 0.0.0.0:8053 is not a loopback address: admin needs a token or a token_file'],
    ],
    [
      ['admin: {listen: "[::]:8053", token: null}'],
      ['1:17 error [::]:8053 is not a loopback address: admin needs a token or a token_file'],
    ],
    [
      ['admin: {listen: "0.0.0.0:8053", token: hunter2}'],
      ['1:40 warning a token this short can be guessed, and moves every record: "openssl rand -hex 32" makes one'],
    ],
    [['admin: {listen: "127.0.0.1:8053", token: hunter2}'], []],
    [
      ['admin: {listen: "0.0.0.0:8053", token: a b}'],
      ['1:40 error token must be a text of visible ASCII characters, found another text'],
    ],
    [
      ['admin: {listen: "0.0.0.0:8053", token: ""}'],
      ['1:40 error token must be a text of visible ASCII characters, found an empty text'],
    ],
    [['admin: {token: 12345}'], ['1:16 error token must be a text of visible ASCII characters, found a number']],
    [
      ['admin: {token: hunter2, token_file: x}'],
      ['1:25 error token and token_file exclude each other', '1:37 error token_file "x" cannot be read: no such file'],
    ],
    [
      ['admin: {listen: "192.0.2.1:1", token_file: /nonexistent/token}'],
      ['1:44 error token_file "/nonexistent/token" cannot be read: no such file'],
    ],
    [['admin: {token_file: /}'], ['1:21 error token_file "/" cannot be read: it is a folder']],
  ]);
});

t.test('dns', async (t) => {
  table(t, withTop, [
    [
      ['dns: {sockets: raw, edns_size: 100, cookies: yes}'],
      [
        '1:16 error sockets must be one of auto, batched or dgram, found "raw"',
        '1:32 error edns_size must be a whole number from 512 to 4096, found 100',
        '1:46 error cookies must be true or false, found "yes"',
      ],
    ],
    [
      ['dns: {rate_limit: {responses_per_second: -1, slip: 101, ipv4_prefix: 33, ipv6_prefix: 0}}'],
      [
        '1:42 error responses_per_second must be a whole number from 0 to 1000000, found -1',
        '1:52 error slip must be a whole number from 0 to 100, found 101',
        '1:70 error ipv4_prefix must be a whole number from 1 to 32, found 33',
        '1:87 error ipv6_prefix must be a whole number from 1 to 128, found 0',
      ],
    ],
    [
      ['dns: {rate_limit: 5, tcp: []}'],
      ['1:19 error rate_limit must be a map, found 5', '1:27 error tcp must be a map, found a list'],
    ],
    [
      ['dns: {cookie_secret: abc}'],
      ['1:22 error cookie_secret must be 16 bytes in hex, 32 digits, or a list of such, found another text'],
    ],
    [
      ['dns: {cookie_secret: 12345678901234567890123456789012}'],
      ['1:22 error cookie_secret must be 16 bytes in hex, 32 digits, or a list of such, found a number'],
    ],
    [
      ['dns: {nsid: 5, version: ""}'],
      [
        '1:13 error nsid must be a text of 1 to 255 bytes, found 5',
        '1:25 error version must be a text of 1 to 255 bytes, found ""',
      ],
    ],
    [
      ['dns: {tcp: {max_connections: 0, max_per_client: 0, idle_timeout: 10}}'],
      [
        '1:30 error max_connections must be a whole number from 1 to 65535, found 0',
        '1:49 error max_per_client must be a whole number from 1 to 65535, found 0',
        '1:66 error idle_timeout must be a duration such as 500ms, 5s, 1m, 1h or 14d, found 10',
      ],
    ],
  ]);
});

t.test('prober', async (t) => {
  table(t, withTop, [
    [
      ['prober: {concurrency: 0, on_blind: panic}'],
      [
        '1:23 error concurrency must be a whole number from 1 to 65535, found 0',
        '1:36 error on_blind must be hold or trust, found "panic"',
      ],
    ],
    [
      ['prober: {witnesses: [a, "b:0", "http://u:p@x/", 5], blind_when: 0}'],
      [
        '1:22 error witnesses[0] must be host:port or an http or https URL, found "a"',
        '1:25 error witnesses[1] must be host:port or an http or https URL, found "b:0"',
        '1:32 error witnesses[2] must not hold a user or password: send them in a header',
        '1:49 error witnesses[3] must be host:port or an http or https URL, found 5',
        '1:65 error blind_when must be a whole number from 1 to 100, found 0',
      ],
    ],
    [
      ['prober: {witnesses: ["a.example:443"], blind_when: 2}'],
      ['1:52 error blind_when (2) is more than there are witnesses (1)'],
    ],
  ]);
});

t.test('history and log', async (t) => {
  table(t, withTop, [
    [['history: {probes: 1s}'], ['1:19 error probes must be a duration from 1m to 3650d, found "1s"']],
    [
      ['history: {probes: forever}'],
      ['1:19 error probes must be a duration such as 500ms, 5s, 1m, 1h or 14d, found "forever"'],
    ],
    [
      ['history: {transitions: never}'],
      ['1:24 error transitions must be forever or a duration such as 500ms, 5s, 1m, 1h or 14d, found "never"'],
    ],
    [
      ['log: {level: trace, format: xml}'],
      [
        '1:14 error level must be one of debug, info, warn or error, found "trace"',
        '1:29 error format must be one of auto, pretty or json, found "xml"',
      ],
    ],
  ]);
});

t.test('keys', async (t) => {
  table(t, withTop, [
    [['keys: []'], ['1:7 error keys must be a map of names to keys, found a list']],
    [
      ['keys: {a: 5, b..c: {}}'],
      ['1:11 error keys["a"] must be a map, found 5', '1:14 error keys["b..c"] has an empty label'],
    ],
    [
      ['keys: {a: {algorithm: hmac-md5, secret: c2hvcnQ=}}'],
      [
        '1:23 error algorithm must be one of hmac-sha256, hmac-sha384 or hmac-sha512, found "hmac-md5"',
        '1:41 error secret must be base64 of at least 16 bytes, found another text',
      ],
    ],
    [
      ['keys: {a: {secret: "not base64"}, A.: {secret: 5}}'],
      [
        '1:20 error secret must be base64 of at least 16 bytes, found another text',
        '1:35 error keys["A."] is the same name as "a"',
      ],
    ],
  ]);
});

t.test('notify', async (t) => {
  table(t, withTop, [
    [['notify: {}'], ['1:9 error notify must be a list, found a map']],
    [['notify: [5]'], ['1:10 error notify[0] must be a map, found 5']],
    [
      ['notify: [{url: "https://u:p@x/", secret: "", format: sms, on: [boom], max_age: 40d, timeout: 0s, name: "#1"}]'],
      [
        '1:16 error url must not hold a user or password: send them in a header',
        '1:42 error secret must be a text that is not empty, found an empty text',
        '1:54 error format must be one of webhook, slack, ntfy, pagerduty or email, found "sms"',
        '1:64 error on[0] must be one of start, failover, failback, all_down, override, config, alarm, found "boom"',
        '1:80 error max_age must be a duration from 1m to 30d, found "40d"',
        '1:94 error timeout must be a duration from 1s to 60s, found "0s"',
        '1:104 error name must be a name of letters, digits, space and ._-, found "#1"',
      ],
    ],
    [
      ['notify: [{url: hunter2}, {url: "smtp://x/y"}, {url: "http://a/", secret: "whsec_no base64"}]'],
      [
        '1:16 error url must be an http, https, smtp or smtps URL',
        '1:32 error url must be a URL such as smtps://user:password@mail.example.com',
        '1:74 error secret begins with whsec_, but what follows is not base64',
      ],
    ],
    [
      [
        'notify: [{}, {format: pagerduty}, {url: "smtp://m.example"}, {url: "http://a/", format: email, from: a, to: [b@c]}]',
      ],
      ['1:102 error from must be a mail address, found "a"'],
    ],
    [
      ['notify: [{}, {format: pagerduty}, {url: "smtp://m.example"}, {url: "http://a/", format: email, secret: s}]'],
      [
        '1:10 error url is missing in notify[0]: the format webhook needs it',
        '1:14 error secret is missing in notify[1]: the format pagerduty needs it',
        '1:41 error url must be an http or https URL for the format webhook',
        '1:62 error from is missing in notify[3]: the format email needs it',
        '1:62 error to is missing in notify[3]: the format email needs it',
        '1:68 error url must be an smtp or smtps URL for the format email',
        '1:96 error secret has no use with the format email',
      ],
    ],
    [
      ['notify: [{url: "http://a/"}, {url: "http://a/", to: a@b}, {url: "http://b/", headers: {Host: x}}]'],
      ['1:94 error headers["Host"] is set by "host" or the URL'],
    ],
    [
      ['notify: [{name: a, url: "http://a/"}, {name: a, url: "http://a/", to: a@b}]'],
      ['1:39 error notify[1] is the same sink as another one: "a"', '1:67 error to has no use with the format webhook'],
    ],
  ]);
});

t.test('notify: a sink that says no more than it must', async (t) => {
  const { notify } = configOf(
    withTop(
      'notify: [{url: "https://hooks.example/x"}, {format: pagerduty, secret: key}, {format: email, name: ops, url: "smtps://u:p@mail.example", from: "failoverd <f@example.com>", to: ops@example.com}]',
    ),
  );
  const common = {
    secret: null,
    headers: {},
    mail: null,
    on: ['failover', 'failback', 'all_down', 'override', 'config', 'alarm'],
    maxAgeMs: 86_400_000,
    timeoutMs: 10_000,
  };
  t.match(notify[0]?.id, /^webhook #[0-9a-f]{8}$/);
  t.same(notify[0], { ...common, id: notify[0]?.id, format: 'webhook', url: 'https://hooks.example/x' });
  t.same(notify[1], {
    ...common,
    id: notify[1]?.id,
    format: 'pagerduty',
    url: 'https://events.pagerduty.com/v2/enqueue',
    secret: 'key',
  });
  t.same(notify[2], {
    ...common,
    id: 'ops',
    format: 'email',
    url: 'smtps://u:p@mail.example',
    mail: { from: 'failoverd <f@example.com>', to: ['ops@example.com'] },
  });
});

t.test('defaults are checked by themselves', async (t) => {
  table(t, withTop, [
    [
      ['defaults: {ttl: 2h, families: both}'],
      [
        '1:17 error ttl must be a duration from 1s to 1h, found "2h"',
        '1:31 error families must be together or independent, found "both"',
      ],
    ],
    [['defaults: {ttl: 2m}'], ['1:17 warning ttl (2m) is above 60s: clients may keep a dead address that long']],
    [['defaults: {timeout: 10s}'], ['1:21 error timeout (10s) must be shorter than interval (5s)']],
    [['defaults: {url: "http://a/", tcp: 5}'], ['1:30 error a check has a url or a tcp port, not both']],
    [['defaults:'], ['1:10 error defaults must be a map, found nothing']],
  ]);
});
