import t from 'tap';
import { alone, table } from './texts.ts';

t.test('parseConfig() says in one line why a text is no config', async (t) => {
  table(t, alone, [
    [[''], ['1:1 error the file is empty: a config has at least "zones"']],
    [['  '], ['1:1 error the file is empty: a config has at least "zones"']],
    [['# only a comment'], ['1:1 error the file is empty: a config has at least "zones"']],
    [['---'], ['1:4 error the file is empty: a config has at least "zones"']],
    [['null'], ['1:1 error the file is empty: a config has at least "zones"']],
    [['text'], ['1:1 error a config is a map of keys, found "text"']],
    [['- a'], ['1:1 error a config is a map of keys, found a list']],
    [['5'], ['1:1 error a config is a map of keys, found 5']],
  ]);
});

t.test('parseConfig() says in one line why a text is no YAML', async (t) => {
  table(t, alone, [
    [['zones: [1'], ['1:10 error a [ or { is not closed, or what it holds not indented']],
    [['zones: "x'], ['1:10 error not valid YAML: missing closing quote']],
    [
      ['zones: a: b'],
      [
        '1:8 error a key stands where its parent has a value: a line is indented wrongly, or a text with ": " needs quotes',
      ],
    ],
    [['zones: @x'], ['1:8 error a text that begins with @ needs quotes']],
    [['zones: "\\q"'], ['1:9 error not valid YAML: invalid escape sequence \\q']],
    [['{'], ['1:2 error a [ or { is not closed, or what it holds not indented']],
    [['zones: {a: 1, b'], ['1:16 error a [ or { is not closed, or what it holds not indented']],
    [['zones', 'log: 1'], ['1:1 error expected "key: value"']],
    [[' zones: {}', 'log: {}'], ['2:1 error not valid YAML: unexpected scalar at node end']],
    [['zones:', '\ta: 1'], ['2:1 error a tab cannot indent YAML: use spaces']],
    [['zones:', '  - a', '  b: 1'], ['3:1 error keys of one map must begin in the same column']],
    [['zones: {}', '---', 'zones: {}'], ['2:1 error a second YAML document begins here: a config is one document']],
  ]);
});

t.test('parseConfig() tells what needs quotes', async (t) => {
  table(t, alone, [
    [['zones:', '  a.example:', '    records:', '      @: {}'], ['4:7 error a text that begins with @ needs quotes']],
    [['zones:', '  a.example:', '    records: {@: {}}'], ['3:15 error a text that begins with @ needs quotes']],
    [
      ['zones:', '  a.example:', '    records:', '      *.dev: {}'],
      ['4:14 error a name that begins with * needs quotes: "*.example.com"'],
    ],
    [
      ['zones:', '  a.example:', '    records: {*.dev: {}}'],
      ['3:22 error a name that begins with * needs quotes: "*.example.com"'],
    ],
    [['listen: [::]:53'], ['1:13 error an address in brackets needs quotes: "[::1]:53"']],
    [
      ['listen: [127.0.0.1:53, [2001:db8::1]:53]', 'zones: 5'],
      [
        '1:24 error an address in brackets needs quotes: "[::1]:53"',
        '1:24 error listen[1] must be an address and a port such as 127.0.0.1:53 or [::1]:53, found a map',
        '2:8 error zones must be a map with at least one name, found 5',
      ],
    ],
    [['log: {level: a: b}'], ['1:14 error within { } and [ ], a text with ": " needs quotes']],
    [
      ['log: level: a'],
      [
        '1:6 error a key stands where its parent has a value: a line is indented wrongly, or a text with ": " needs quotes',
      ],
    ],
    [['zones: %x'], ['1:8 error a text that begins with % needs quotes']],
    [['zones: `x`'], ['1:8 error a text that begins with ` needs quotes']],
  ]);
});

t.test('parseConfig() refuses what YAML can do and a config need not', async (t) => {
  table(t, alone, [
    [
      ['zones: &x {a: 5}'],
      [
        '1:11 error anchors, aliases and merge keys (&, *, <<) are not supported: put what records share under "defaults"',
      ],
    ],
    [
      ['zones: *x'],
      [
        '1:8 error anchors, aliases and merge keys (&, *, <<) are not supported: put what records share under "defaults"',
      ],
    ],
    [
      ['zones: {<<: {a: 5}}'],
      [
        '1:8 error zones must be a map with at least one name, found a map',
        '1:9 error anchors, aliases and merge keys (&, *, <<) are not supported: put what records share under "defaults"',
      ],
    ],
    [['zones: !!map {a: 5}'], ['1:14 error YAML tags (!) are not supported']],
    [['zones: !x 5'], ['1:11 error YAML tags (!) are not supported']],
    [
      ['%YAML 1.1', '---', 'zones: 5'],
      [
        '1:1 error YAML directives (%YAML) are not supported',
        '3:8 error zones must be a map with at least one name, found 5',
      ],
    ],
    [
      ['? [a]', ': 1', 'zones: 5'],
      ['1:3 error a key must be text', '3:8 error zones must be a map with at least one name, found 5'],
    ],
    [
      ['? ', ': 1', 'zones: 5'],
      ['1:3 error a key must be text', '3:8 error zones must be a map with at least one name, found 5'],
    ],
    [
      ['zones: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]'],
      ['1:8 error zones must be a map with at least one name, found a list', '1:40 error nested too deeply'],
    ],
    [
      ['&a a: &b [&c [*c], *b]', 'zones: 5'],
      [
        '1:4 error unknown key "a"',
        '1:10 error anchors, aliases and merge keys (&, *, <<) are not supported: put what records share under "defaults"',
        '2:8 error zones must be a map with at least one name, found 5',
      ],
    ],
  ]);
});

t.test('parseConfig() reports every duplicate key, in any form of map', async (t) => {
  table(t, alone, [
    [
      ['zones: 5', 'log: {level: info, level: debug}', '"log": {}'],
      [
        '1:8 error zones must be a map with at least one name, found 5',
        '2:20 error duplicate key "level"',
        '3:1 error duplicate key "log"',
      ],
    ],
    [
      ['log: {}', 'zones: 5', 'log: {}', 'log: {}'],
      [
        '2:8 error zones must be a map with at least one name, found 5',
        '3:1 error duplicate key "log"',
        '4:1 error duplicate key "log"',
      ],
    ],
  ]);
});

t.test('parseConfig() takes no key for an inherited one', async (t) => {
  table(t, alone, [
    [
      ['__proto__: 1', 'constructor: 2', 'toString: 3', 'zones: 5'],
      [
        '1:1 error unknown key "__proto__"',
        '2:1 error unknown key "constructor"',
        '3:1 error unknown key "toString"',
        '4:8 error zones must be a map with at least one name, found 5',
      ],
    ],
  ]);
});
