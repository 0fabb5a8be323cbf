import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/cli/run.ts';
import { cli, fakeIo } from './io.ts';

const GOOD = `zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 203.0.113.53}
    records:
      "@": {primary: 192.0.2.10, backup: 198.51.100.20, check: http://app.example.com/healthz}
`;

t.test('check says what a good config will do, with its warnings', async (t) => {
  const path = join(t.testdir({ 'failoverd.yaml': GOOD.replace('primary:', 'ttl: 5m, primary:') }), 'failoverd.yaml');
  const { code, stdout, stderr } = await cli('check', '--config', path);
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, `${path}: ok: 1 zone, 1 record, 2 targets, 2 endpoints\n`);
  t.match(
    stdout,
    `RECORD           TARGETS                                   FAILURE DETECTED WITHIN  CLIENTS FOLLOW WITHIN
app.example.com  primary 192.0.2.10, backup 198.51.100.20  11.3 s                   311.4 s
`,
  );
  t.match(stdout, `${path}:5:18  warning  ttl (5m) is above 60s`, 'a warning is no failure');
});

t.test('check prints every error with its place and ends with exit code 3', async (t) => {
  const bad = GOOD.replace('primary', 'primry').replace('192.0.2.10', '192.0.2.300');
  const path = join(t.testdir({ 'failoverd.yaml': bad }), 'failoverd.yaml');
  const { code, stdout, stderr } = await cli('check', '--config', path);
  t.equal(code, 3);
  t.equal(stdout, '');
  t.match(stderr, `${path}:5:13  error    unknown key "primry" in records["@"]; did you mean "primary"?\n`);
});

t.test('check --json prints the problems as data', async (t) => {
  const dir = t.testdir({ 'good.yaml': GOOD, 'bad.yaml': 'zonse: {}\n' });
  const good = await cli('check', '--json', '--config', join(dir, 'good.yaml'));
  t.equal(good.code, 0);
  t.match(JSON.parse(good.stdout), { ok: true, errors: 0 });
  const bad = await cli('check', '--json', '--config', join(dir, 'bad.yaml'));
  t.equal(bad.code, 3);
  t.match(JSON.parse(bad.stdout), { ok: false, problems: [{ severity: 'error', line: 1, column: 1 }] });
});

t.test('check paints the severity and nothing else', async (t) => {
  const path = join(t.testdir({ 'error.yaml': 'zones: {error: 1}\n' }), 'error.yaml');
  const io = fakeIo({}, true);
  await run(['check', '--config', path], io);
  t.match(io.written.stderr, `${path}:1:16  \u001b[31merror    \u001b[39m`);
});

t.test('check names a missing file in one line', async (t) => {
  t.match(await cli('check', '--config', 'no-such.yaml'), {
    code: 3,
    stdout: '',
    stderr: 'no-such.yaml  error    cannot be read: no such file\n1 error\n',
  });
});

t.test('check --schema prints a JSON Schema and needs no config', async (t) => {
  const { code, stdout, stderr } = await cli('check', '--schema', '--config', 'no-such.yaml');
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.match(JSON.parse(stdout), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    required: ['zones'],
    properties: { listen: { default: ['0.0.0.0:53', '[::]:53'] }, admin: { properties: { metrics: {} } } },
  });
});
