import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cli } from './io.ts';

/** A config whose primary answers with this status, and whose backup refuses connections. */
async function configFor(t: Test, status: number): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end('database is "gone"\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const text = `zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 203.0.113.53}
    records:
      "@": {primary: 127.0.0.1, backup: 127.0.0.2, check: "http://app.example.com:${port}/healthz?key=s3cret"}
`;
  return join(t.testdir({ 'failoverd.yaml': text }), 'failoverd.yaml');
}

t.test('probe prints the outcome and the phases of each endpoint, and fails when one does', async (t) => {
  const { code, stdout, stderr } = await cli('probe', 'app.example.com', '--config', await configFor(t, 204));
  t.equal(code, 1);
  t.equal(stderr, '');
  t.match(stdout, /^app.example.com: GET http:\/\/app.example.com:\d+\/healthz\n\n/);
  t.match(stdout, /^TARGET {3}ADDRESS {4}CONNECT .*TLS .*HEADERS .*BODY .*TOTAL .*OUTCOME$/m);
  t.match(stdout, /^primary {2}127\.0\.0\.1 +[\d.]+ ms +- +[\d.]+ ms .* ms +pass 204$/m);
  t.match(stdout, /^backup {3}127\.0\.0\.2 +- +- +- +- +[\d.]+ ms +refused \(connect\)/m);
  t.notMatch(stdout, 's3cret');
});

t.test('probe --target probes that one only, and ends with 0 when it passes', async (t) => {
  const { code, stdout } = await cli(
    'probe',
    'App.Example.com.',
    '--target',
    'primary',
    '--config',
    await configFor(t, 200),
  );
  t.equal(code, 0);
  t.notMatch(stdout, 'backup');
});

t.test('probe shows what a failing endpoint said, in one line', async (t) => {
  const { code, stdout } = await cli(
    'probe',
    'app.example.com',
    '--target',
    'primary',
    '--config',
    await configFor(t, 503),
  );
  t.equal(code, 1);
  t.match(stdout, 'status (headers) 503');
  t.match(stdout, '\nprimary 127.0.0.1 said: "database is \\"gone\\"\\n"\n');
});

t.test('probe --json prints the reports', async (t) => {
  const { code, stdout } = await cli('probe', 'app.example.com', '--json', '--config', await configFor(t, 200));
  t.equal(code, 1);
  t.match(JSON.parse(stdout), [
    { target: 'primary', address: '127.0.0.1', trigger: 'manual', outcome: { outcome: 'pass' }, status: 200 },
    { target: 'backup', address: '127.0.0.2', outcome: { outcome: 'fail', reason: 'refused', phase: 'connect' } },
  ]);
});

const refused: readonly (readonly [args: string, message: string])[] = [
  ['', '<record> is missing'],
  ['ap.example.com', 'no record "ap.example.com" in the config; did you mean "app.example.com"?'],
  ['example.org', 'no record "example.org" in the config; there is app.example.com'],
  ['app.example.com --target primry', 'app.example.com has no target "primry"; did you mean "primary"?'],
  ['app.example.com --target frankfurt', 'app.example.com has no target "frankfurt"; there are primary, backup'],
];

for (const [args, message] of refused) {
  t.test(`probe ${args} is refused: ${message}`, async (t) => {
    const words = args.split(' ').filter((word) => word !== '');
    t.same(await cli('probe', ...words, '--config', await configFor(t, 200)), {
      code: 2,
      stdout: '',
      stderr: `failoverd: ${message}\nSee "failoverd probe --help".\n`,
    });
  });
}
