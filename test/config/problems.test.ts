import t from 'tap';
import type { Problem } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { formatProblems, problemsToJson, sortProblems } from '../../src/config/problems.ts';
import { isOfEveryConfig } from './texts.ts';

const problem = (line: number, column: number, severity: Problem['severity'], message: string): Problem => {
  return { file: 'failoverd.yaml', line, column, severity, message };
};

const MIXED = [
  problem(14, 18, 'error', 'timeout (6s) must be shorter than interval (5s)'),
  problem(9, 9, 'warning', 'a warning'),
  problem(9, 9, 'error', 'an error'),
  problem(9, 1, 'warning', 'an earlier one'),
];

t.test('sortProblems() orders by place, errors before warnings', async (t) => {
  t.same(
    sortProblems(MIXED).map(({ message }) => message),
    ['an earlier one', 'an error', 'a warning', 'timeout (6s) must be shorter than interval (5s)'],
  );
});

t.test('formatProblems() writes one line for each in columns, and counts them', async (t) => {
  t.equal(
    formatProblems(sortProblems(MIXED)),
    `failoverd.yaml:9:1    warning  an earlier one
failoverd.yaml:9:9    error    an error
failoverd.yaml:9:9    warning  a warning
failoverd.yaml:14:18  error    timeout (6s) must be shorter than interval (5s)
2 errors, 2 warnings`,
  );
});

t.test('formatProblems() writes nothing for none, and counts in words that fit', async (t) => {
  t.equal(formatProblems([]), '');
  t.match(formatProblems(MIXED.slice(0, 1)), /\n1 error$/);
  t.match(formatProblems(MIXED.slice(1, 2)), /\n1 warning$/);
});

t.test('problemsToJson() counts; warnings alone are ok', async (t) => {
  t.same(problemsToJson(MIXED), { ok: false, errors: 2, warnings: 2, problems: MIXED });
  t.same(problemsToJson([]), { ok: true, errors: 0, warnings: 0, problems: [] });
  t.equal(problemsToJson(MIXED.slice(1, 2)).ok, true);
});

t.test('parseConfig() reports every problem of a config at once, each at its place', async (t) => {
  const text = `listen: [53]
admin: {listen: "0.0.0.0:8053"}
zones:
  app.example.com:
    nameservers: {ns1.app.example.com: }
    records:
      "@":
        primry: 192.0.2.10
        backup: 198.51.100.20
        check:
          url: http://app.example.com/healthz
          timeout: 6s
      www:
        ttl: 5m
        primary: [192.0.2.10, "2001:db8::10"]
        backup: 198.51.100.20
        check: http://app.example.com/healthz
logg: {}
`;
  const result = parseConfig(text, 'failoverd.yaml', {});
  t.equal(
    !result.ok && formatProblems(result.problems.filter(({ message }) => !isOfEveryConfig(message))),
    `failoverd.yaml:1:10   error    listen[0] must be an address and a port such as 127.0.0.1:53 or [::1]:53, found 53
failoverd.yaml:2:17   error    0.0.0.0:8053 is not a loopback address: admin needs a token or a token_file
failoverd.yaml:5:19   error    nameservers["ns1.app.example.com"] lies in the zone and needs an address (glue)
failoverd.yaml:8:9    error    unknown key "primry" in records["@"]; did you mean "primary"?
failoverd.yaml:12:20  error    timeout (6s) must be shorter than interval (5s)
failoverd.yaml:14:14  warning  ttl (5m) is above 60s: clients may keep a dead address that long
failoverd.yaml:15:9   warning  primary has an IPv6 address and backup has none: IPv6-only clients get no answer on backup
failoverd.yaml:18:1   error    unknown key "logg"; did you mean "log"?
6 errors, 2 warnings`,
  );
});
