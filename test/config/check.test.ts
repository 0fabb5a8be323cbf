import t from 'tap';
import { table, withCheck } from './texts.ts';

t.test('a check has a url or a tcp port', async (t) => {
  table(t, withCheck, [
    [['{}'], ['8:9 error check needs a url or a tcp port']],
    [['url: http://a/', 'tcp: 5'], ['10:11 error a check has a url or a tcp port, not both']],
    [['tcp: 0'], ['9:16 error tcp must be a whole number from 1 to 65535, found 0']],
    [['tcp: x'], ['9:16 error tcp must be a whole number from 1 to 65535, found "x"']],
    [
      ['url: http://a/', 'ttl: 5s', 'intervall: 5s'],
      [
        '10:11 error unknown key "ttl" in check; it belongs beside "check"',
        '11:11 error unknown key "intervall" in check; did you mean "interval"?',
      ],
    ],
  ]);
});

t.test('url is http or https, without user and password', async (t) => {
  table(t, withCheck, [
    [['url: a'], ['9:16 error url must be an http or https URL, found "a"']],
    [['url: 5'], ['9:16 error url must be an http or https URL, found 5']],
    [['url:'], ['9:15 error url must be an http or https URL, found nothing']],
    [['url: ftp://a/'], ['9:16 error url must be an http or https URL, found "ftp://a/"']],
    [['url: "http://a:0/"'], ['9:16 error url must be an http or https URL, found "http://a:0/"']],
    [['url: http://user:hunter2@a/'], ['9:16 error url must not hold a user or password: send them in a header']],
    [['url: ftp://user:hunter2@a/'], ['9:16 error url must not hold a user or password: send them in a header']],
    [['url: "x?token=hunter2"'], ['9:16 error url must be an http or https URL']],
  ]);
});

t.test('times', async (t) => {
  table(t, withCheck, [
    [['url: http://a/', 'interval: 500ms'], ['10:21 error interval must be a duration from 1s to 1d, found "500ms"']],
    [
      ['url: http://a/', 'interval: 5'],
      ['10:21 error interval must be a duration such as 500ms, 5s, 1m, 1h or 14d, found 5'],
    ],
    [
      ['url: http://a/', 'interval: 5 s', 'timeout: 1x', 'confirm: soon'],
      [
        '10:21 error interval must be a duration such as 500ms, 5s, 1m, 1h or 14d, found "5 s"',
        '11:20 error timeout must be a duration such as 500ms, 5s, 1m, 1h or 14d, found "1x"',
        '12:20 error confirm must be a duration such as 500ms, 5s, 1m, 1h or 14d, found "soon"',
      ],
    ],
    [['url: http://a/', 'timeout: 6s'], ['10:20 error timeout (6s) must be shorter than interval (5s)']],
    [['url: http://a/', 'timeout: 5s'], ['10:20 error timeout (5s) must be shorter than interval (5s)']],
    [['url: http://a/', 'interval: 1s'], ['10:21 error timeout (2s) must be shorter than interval (1s)']],
    [
      ['url: http://a/', 'confirm: 10s'],
      [
        '10:20 warning confirm (10s) is longer than interval (5s): a first fail is confirmed later than it would be without',
      ],
    ],
    [
      ['url: http://a/', 'timeout: 5ms', 'confirm: 5ms'],
      [
        '10:20 error timeout must be a duration from 10ms to 1h, found "5ms"',
        '11:20 error confirm must be a duration from 10ms to 1h, found "5ms"',
      ],
    ],
  ]);
});

t.test('counts and sizes', async (t) => {
  table(t, withCheck, [
    [
      ['url: http://a/', 'fall: 0', 'rise: x', 'max_body: 64K'],
      [
        '10:17 error fall must be a whole number from 1 to 100, found 0',
        '11:17 error rise must be a whole number from 1 to 100, found "x"',
        '12:21 error max_body must be a size such as 512B, 64KiB or 1MiB, found "64K"',
      ],
    ],
    [
      ['url: http://a/', 'fall: 101', 'rise: 1.5', 'max_body: 1GiB'],
      [
        '10:17 error fall must be a whole number from 1 to 100, found 101',
        '11:17 error rise must be a whole number from 1 to 100, found 1.5',
        '12:21 error max_body must be a size from 1B to 16MiB, found "1GiB"',
      ],
    ],
    [['url: http://a/', 'max_body: 0B'], ['10:21 error max_body must be a size from 1B to 16MiB, found "0B"']],
  ]);
});

t.test('requests', async (t) => {
  table(t, withCheck, [
    [['url: http://a/', 'method: get'], ['10:19 error method must be one of GET, HEAD, OPTIONS or POST, found "get"']],
    [
      ['url: http://a/', 'method: HEAD', 'expect: {body: ok}'],
      ['11:26 error body cannot be expected: the method HEAD brings none'],
    ],
    [['url: http://a/', 'headers: [a]'], ['10:20 error headers must be a map, found a list']],
    [
      ['url: http://a/', 'headers: {Host: a, "b c": d, X: 1, x: "a", Connection: close, Y: "a\\nb"}'],
      [
        '10:27 error headers["Host"] is set by "host" or the URL',
        '10:37 error headers["b c"] is not the name of a header',
        '10:43 error headers["X"] must be a text in quotes, found a number',
        '10:49 error headers["x"] is given twice',
        '10:66 error headers["Connection"] is set by failoverd',
        '10:76 error headers["Y"] holds a character that a header cannot carry',
      ],
    ],
    [
      ['url: http://a/', 'host: "a:5"', 'port: 70000'],
      [
        '10:17 error host must be a host name, found "a:5"',
        '11:17 error port must be a whole number from 1 to 65535, found 70000',
      ],
    ],
    [
      ['url: http://a/', 'source: x'],
      ['10:19 error source must be an IP address, or a list of one for each family, found "x"'],
    ],
    [
      ['url: http://a/', 'source: [192.0.2.1, 192.0.2.2]'],
      ['10:19 error source must be an IP address, or a list of one for each family, found a list'],
    ],
    [
      ['url: http://a/', 'source: []'],
      ['10:19 error source must be an IP address, or a list of one for each family, found a list'],
    ],
  ]);
});

t.test('expect.status is a code, a range or a list', async (t) => {
  table(t, withCheck, [
    [['url: http://a/', 'expect: {status: 200}'], []],
    [['url: http://a/', 'expect: {status: "200"}'], []],
    [['url: http://a/', 'expect: {status: 200-299}'], []],
    [['url: http://a/', 'expect: {status: [200, 204, 300-399]}'], []],
    [
      ['url: http://a/', 'expect: {status: 299-200}'],
      ['10:28 error status must be a status code, a range such as 200-299, or a list of them, found "299-200"'],
    ],
    [
      ['url: http://a/', 'expect: {status: 99}'],
      ['10:28 error status must be a status code, a range such as 200-299, or a list of them, found 99'],
    ],
    [
      ['url: http://a/', 'expect: {status: 600}'],
      ['10:28 error status must be a status code, a range such as 200-299, or a list of them, found 600'],
    ],
    [
      ['url: http://a/', 'expect: {status: 20}'],
      ['10:28 error status must be a status code, a range such as 200-299, or a list of them, found 20'],
    ],
    [
      ['url: http://a/', 'expect: {status: []}'],
      ['10:28 error status must be a status code, a range such as 200-299, or a list of them, found a list'],
    ],
    [
      ['url: http://a/', 'expect: {status: ok}'],
      ['10:28 error status must be a status code, a range such as 200-299, or a list of them, found "ok"'],
    ],
    [
      ['url: http://a/', 'expect: {status: [200, ok]}'],
      ['10:28 error status must be a status code, a range such as 200-299, or a list of them, found a list'],
    ],
    [
      ['url: http://a/', 'expect: {status: {a: 1}}'],
      ['10:28 error status must be a status code, a range such as 200-299, or a list of them, found a map'],
    ],
    [
      ['url: http://a/', 'expect: {status: }'],
      ['10:28 error status must be a status code, a range such as 200-299, or a list of them, found nothing'],
    ],
  ]);
});

t.test('expect.body is a text or a pattern', async (t) => {
  table(t, withCheck, [
    [['url: http://a/', 'expect: {body: ok}'], []],
    [['url: http://a/', 'expect: {body: null}'], []],
    [['url: http://a/', 'expect: {body: /a/}'], []],
    [
      ['url: http://a/', 'expect: {body: /a/b}'],
      ['10:26 error body has the unknown flag "b": a pattern takes i, m, s and u'],
    ],
    [['url: http://a/', 'expect: {body: /a\\\\/b/ims}'], []],
    [['url: http://a/', 'expect: {body: /healthz}'], []],
    [
      ['url: http://a/', 'expect: {body: "/a/g"}'],
      ['10:26 error body has the unknown flag "g": a pattern takes i, m, s and u'],
    ],
    [['url: http://a/', 'expect: {body: "/(/"}'], ['10:26 error body is not a pattern: unterminated group']],
    [['url: http://a/', 'expect: {body: "/[/i"}'], ['10:26 error body is not a pattern: unterminated character class']],
    [['url: http://a/', 'expect: {body: 5}'], ['10:26 error body must be a text or a /pattern/, found a number']],
    [['url: http://a/', 'expect: {body: ""}'], ['10:26 error body must be a text or a /pattern/, found an empty text']],
    [['url: http://a/', 'expect: {body: [a]}'], ['10:26 error body must be a text or a /pattern/, found a list']],
  ]);
});

t.test('what one kind of check has, the other has not', async (t) => {
  table(t, withCheck, [
    [['url: http://a/', 'expect: {greeting: x}'], ['10:20 error greeting has no meaning in a check over http']],
    [
      [
        'tcp: 25',
        'expect: {greeting: "220 ", status: 200, body: x}',
        'tls: {}',
        'headers: {}',
        'port: 5',
        'host: a',
        'method: GET',
      ],
      [
        '10:38 error status has no meaning in a check over tcp',
        '10:51 error body has no meaning in a check over tcp',
        '11:11 error tls has no meaning in a check over tcp',
        '12:11 error headers has no meaning in a check over tcp',
        '13:11 error port has no meaning in a check over tcp',
        '14:11 error host has no meaning in a check over tcp',
        '15:11 error method has no meaning in a check over tcp',
      ],
    ],
    [['tcp: 25', 'expect: {greeting: /^220 /}', 'source: 192.0.2.1', 'max_body: 1KiB'], []],
  ]);
});

t.test('warnings about TLS', async (t) => {
  table(t, withCheck, [
    [['url: http://a/', 'tls: {verify: false}'], ['10:11 warning tls has no effect on an http URL']],
    [
      ['url: https://192.0.2.1/'],
      [
        "9:16 warning the URL's host is an address: only a certificate that names 192.0.2.1 passes; set tls.server_name to the name that it has",
      ],
    ],
    [
      ['url: "https://[2001:db8::1]/"'],
      [
        "9:16 warning the URL's host is an address: only a certificate that names 2001:db8::1 passes; set tls.server_name to the name that it has",
      ],
    ],
    [['url: https://192.0.2.1/', 'host: a.example'], []],
    [['url: https://192.0.2.1/', 'tls: {server_name: a.example}'], []],
    [['url: https://192.0.2.1/', 'tls: {verify: false}'], []],
  ]);
});

t.test('files that cannot be used', async (t) => {
  table(t, withCheck, [
    [
      ['url: https://a/', 'tls: {ca_file: /nonexistent, cert_file: /, key_file: /nonexistent}'],
      [
        '10:26 error ca_file "/nonexistent" cannot be read: no such file',
        '10:51 error cert_file "/" cannot be read: it is a folder',
        '10:64 error key_file "/nonexistent" cannot be read: no such file',
      ],
    ],
    [
      ['url: https://a/', 'tls: {ca_file: package.json, cert_file: package.json, key_file: package.json}'],
      [
        '10:26 error ca_file "package.json" holds no valid PEM certificate',
        '10:51 error cert_file "package.json" holds no valid PEM certificate',
        '10:75 error key_file "package.json" holds no valid PEM private key',
      ],
    ],
    [
      ['url: https://a/', 'tls: {cert_file: package.json}'],
      [
        '10:17 error cert_file needs key_file beside it',
        '10:28 error cert_file "package.json" holds no valid PEM certificate',
      ],
    ],
    [
      ['url: https://a/', 'tls: {key_file: package.json}'],
      [
        '10:17 error key_file needs cert_file beside it',
        '10:27 error key_file "package.json" holds no valid PEM private key',
      ],
    ],
    [
      ['url: https://a/', 'tls: {server_name: a/b, verify: 1, ca_file: 5, ca: x}'],
      [
        '10:30 error server_name must be a host name, found "a/b"',
        '10:43 error verify must be true or false, found 1',
        '10:55 error ca_file must be a text in quotes, found 5',
        '10:58 error unknown key "ca" in tls',
      ],
    ],
  ]);
});

t.test('sentinel', async (t) => {
  table(t, withCheck, [
    [['url: http://a/', 'sentinel: maybe'], ['10:21 error sentinel must be true or false, found "maybe"']],
    [['url: http://a/', 'sentinel:'], ['10:20 error sentinel must be true or false, found nothing']],
  ]);
});
