import t from 'tap';
import { table, withRecord } from './texts.ts';

t.test('a record needs primary, backup and check', async (t) => {
  table(t, withRecord, [
    [[''], ['5:11 error records["@"] must be a map, found nothing']],
    [
      ['{}'],
      [
        '5:7 error primary is missing in records["@"]',
        '5:7 error backup is missing in records["@"]',
        '5:7 error check is missing in records["@"]',
      ],
    ],
    [
      ['primary: 192.0.2.1'],
      ['5:7 error backup is missing in records["@"]', '5:7 error check is missing in records["@"]'],
    ],
    [['primary: 192.0.2.1', 'backup: 192.0.2.2'], ['5:7 error check is missing in records["@"]']],
    [
      ['primry: 192.0.2.1', 'bakup: 192.0.2.2', 'chek: http://a/'],
      [
        '6:9 error unknown key "primry" in records["@"]; did you mean "primary"?',
        '7:9 error unknown key "bakup" in records["@"]; did you mean "backup"?',
        '8:9 error unknown key "chek" in records["@"]; did you mean "check"?',
      ],
    ],
    [
      ['primary:', 'backup:', 'check:'],
      [
        '6:17 error primary must be an IP address, found nothing',
        '7:16 error backup must be an IP address, found nothing',
        '8:15 error check must be a URL or a map, found nothing',
      ],
    ],
  ]);
});

t.test('a target is an address, a list or a map', async (t) => {
  table(t, withRecord, [
    [
      ['primary: x', 'backup: 5', 'check: http://a/'],
      ['6:18 error primary must be an IP address, found "x"', '7:17 error backup must be an IP address, found 5'],
    ],
    [
      ['primary: web1.example.com', 'backup: "192.0.2.2:8080"', 'check: http://a/'],
      [
        '6:18 error primary is a name: write the IP addresses behind it, which are what is answered',
        '7:17 error backup has a port: write the address alone, and the port in the check',
      ],
    ],
    [
      ['primary: []', 'backup: []', 'check: http://a/'],
      ['6:18 error primary must hold at least one address', '7:17 error backup must hold at least one target'],
    ],
    [
      ['primary: {}', 'backup: [{name: a b, addresses: x}, 5]', 'check: http://a/'],
      [
        '6:9 error addresses is missing in primary',
        '7:25 error name must be a word of letters, digits, - and _, found "a b"',
        '7:41 error addresses must be an IP address, found "x"',
        '7:45 error backup[1] must be an IP address, found 5',
      ],
    ],
    [
      ['primary: {adresses: 192.0.2.1}', 'backup: [[192.0.2.2, 192.0.2.300]]', 'check: http://a/'],
      [
        '6:19 error unknown key "adresses" in primary; did you mean "addresses"?',
        '7:30 error backup[0][1] must be an IP address, found "192.0.2.300"',
      ],
    ],
    [
      [
        'primary: {addresses: [192.0.2.1, 192.0.2.1]}',
        'backup: [192.0.2.2, [192.0.2.3, 192.0.2.3]]',
        'check: http://a/',
      ],
      ['6:42 error 192.0.2.1 is given twice', '7:41 error 192.0.2.3 is given twice'],
    ],
    [
      [
        'primary: "::ffff:192.0.2.1"',
        'backup: ["fe80::1", "fe80::1%eth0", 224.0.0.1, 0.0.0.0, "::", 255.255.255.255]',
        'check: http://a/',
      ],
      [
        '6:18 error primary is an IPv4-mapped IPv6 address: write 192.0.2.1',
        '7:18 error backup[0] must be the address of one server, found "fe80::1"',
        '7:29 error backup[1] must be an IP address, found "fe80::1%eth0"',
        '7:45 error backup[2] must be the address of one server, found "224.0.0.1"',
        '7:56 error backup[3] must be the address of one server, found "0.0.0.0"',
        '7:65 error backup[4] must be the address of one server, found "::"',
        '7:71 error backup[5] must be the address of one server, found "255.255.255.255"',
      ],
    ],
  ]);
});

t.test('min_healthy must be possible in every family', async (t) => {
  table(t, withRecord, [
    [
      [
        'primary: {addresses: [192.0.2.1], min_healthy: 2}',
        'backup: {addresses: [192.0.2.2, 192.0.2.3, "2001:db8::1"], min_healthy: 2}',
        'check: http://a/',
      ],
      [
        '6:56 error min_healthy (2) is more than primary has IPv4 addresses (1)',
        '7:81 error min_healthy (2) is more than backup has IPv6 addresses (1)',
      ],
    ],
    [
      ['primary: {addresses: 192.0.2.1, min_healthy: 0}', 'backup: 192.0.2.2', 'check: http://a/'],
      ['6:54 error min_healthy must be a whole number from 1 to 100, found 0'],
    ],
  ]);
});

t.test('targets have different names', async (t) => {
  table(t, withRecord, [
    [
      ['primary: {name: x, addresses: 192.0.2.1}', 'backup: [{name: x, addresses: 192.0.2.2}]', 'check: http://a/'],
      ['7:25 error two targets are named "x"'],
    ],
    [
      ['primary: 192.0.2.1', 'backup: [{name: backup2, addresses: 192.0.2.2}, 192.0.2.3]', 'check: http://a/'],
      ['7:57 error two targets are named "backup2"'],
    ],
  ]);
});

t.test('warnings: what will hurt when the record moves', async (t) => {
  table(t, withRecord, [
    [
      ['primary: [192.0.2.1, "2001:db8::1"]', 'backup: 192.0.2.2', 'check: http://a/'],
      ['6:9 warning primary has an IPv6 address and backup has none: IPv6-only clients get no answer on backup'],
    ],
    [
      ['primary: 192.0.2.1', 'backup: [192.0.2.2, ["2001:db8::1"]]', 'check: http://a/'],
      [
        '6:9 warning primary has an IPv4 address and backup2 has none: IPv4-only clients get no answer on backup2',
        '7:29 warning backup2 has an IPv6 address and primary has none: IPv6-only clients get no answer on primary',
        '7:29 warning backup2 has an IPv6 address and backup has none: IPv6-only clients get no answer on backup',
      ],
    ],
    [
      ['primary: 192.0.2.1', 'backup: [192.0.2.1, 192.0.2.2, 192.0.2.2]', 'check: http://a/'],
      [
        '7:18 warning primary and backup share the address 192.0.2.1: when it fails, both are down',
        '7:40 warning backup2 and backup3 share the address 192.0.2.2: when it fails, both are down',
      ],
    ],
    [
      ['primary: 192.0.2.1', 'backup: 192.0.2.2', 'check: http://a/', 'ttl: 61s'],
      ['9:14 warning ttl (61s) is above 60s: clients may keep a dead address that long'],
    ],
    [['primary: 192.0.2.1', 'backup: 192.0.2.2', 'check: http://a/', 'ttl: 60s'], []],
  ]);
});

t.test('ttl, families, all_down and failback', async (t) => {
  table(t, withRecord, [
    [
      [
        'primary: 192.0.2.1',
        'backup: 192.0.2.2',
        'check: http://a/',
        'ttl: 10',
        'families: both',
        'all_down: never',
        'failback: never',
      ],
      [
        '9:14 error ttl must be a duration such as 500ms, 5s, 1m, 1h or 14d, found 10',
        '10:19 error families must be together or independent, found "both"',
        '11:19 error all_down must be one of keep, primary, backup, all or nodata, found "never"',
        '12:19 error failback must be auto or manual, found "never"',
      ],
    ],
    [
      [
        'primary: 192.0.2.1',
        'backup: 192.0.2.2',
        'check: http://a/',
        'ttl: 500ms',
        'failback: {mode: manual, after: 8d, aftr: 1s}',
      ],
      [
        '9:14 error ttl must be a duration from 1s to 1h, found "500ms"',
        '10:41 error after must be a duration from 0s to 7d, found "8d"',
        '10:45 error unknown key "aftr" in failback; did you mean "after"?',
      ],
    ],
    [
      ['primary: 192.0.2.1', 'backup: 192.0.2.2', 'check: http://a/', 'ttl: 1500ms', 'failback: 60s'],
      [
        '9:14 error ttl must be whole seconds, found "1500ms"',
        '10:19 error failback must be auto or manual, found "60s"',
      ],
    ],
    [
      ['primary: 192.0.2.1', 'backup: 192.0.2.2', 'check: http://a/', 'ttl: 2h', 'failback:'],
      [
        '9:14 error ttl must be a duration from 1s to 1h, found "2h"',
        '10:18 error failback must be auto, manual or a map, found nothing',
      ],
    ],
  ]);
});

t.test('keys of a check beside it are told where they belong', async (t) => {
  table(t, withRecord, [
    [
      ['primary: 192.0.2.1', 'backup: 192.0.2.2', 'check: http://a/', 'interval: 5s', 'url: http://a/'],
      [
        '9:9 error unknown key "interval" in records["@"]; it belongs under "check"',
        '10:9 error unknown key "url" in records["@"]; it belongs under "check"',
      ],
    ],
  ]);
});

t.test('maintenance', async (t) => {
  table(t, withRecord, [
    [['primary: 192.0.2.1', 'backup: 192.0.2.2', 'check: http://a/', 'maintenance: []'], []],
    [
      ['primary: 192.0.2.1', 'backup: 192.0.2.2', 'check: http://a/', 'maintenance: {}'],
      ['9:22 error maintenance must be a list, found a map'],
    ],
    [
      [
        'primary: 192.0.2.1',
        'backup: 192.0.2.2',
        'check: http://a/',
        'maintenance: [{target: primry, cron: "0 3 * *", timezone: Mars, for: 1}]',
      ],
      [
        '9:46 error cron must be a cron expression of 5 fields, found "0 3 * *"',
        '9:67 error timezone must be a time zone such as Europe/Berlin, found "Mars"',
        '9:78 error for must be a duration such as 500ms, 5s, 1m, 1h or 14d, found 1',
      ],
    ],
    [
      [
        'primary: 192.0.2.1',
        'backup: 192.0.2.2',
        'check: http://a/',
        'maintenance: [{target: primry, cron: "0 3 * * 0", for: 1h}]',
      ],
      ['9:32 error the record has no target "primry"; did you mean "primary"?'],
    ],
  ]);
});
