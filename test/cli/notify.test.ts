import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { NotifyTest } from '../../src/runtime/status.ts';
import { fakeHandlers, serveAdmin } from '../helpers/admin.ts';
import { cli } from './io.ts';

const TOOK: NotifyTest = { sink: 'team', format: 'slack', delivered: true, reason: null, elapsedMs: 120 };
const REFUSED: NotifyTest = {
  sink: 'webhook #1a2b3c4d',
  format: 'webhook',
  delivered: false,
  reason: 'it answered 404',
  elapsedMs: 12,
};

async function configFor(t: Test, deliveries: readonly NotifyTest[]): Promise<string> {
  const { address } = await serveAdmin(t, fakeHandlers({ testNotify: async () => deliveries }));
  const text = `admin: {listen: "127.0.0.1:${address.port}"}
zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 203.0.113.53}
    records:
      "@": {primary: 192.0.2.10, backup: 198.51.100.20, check: http://app.example.com/healthz}
`;
  return join(t.testdir({ 'failoverd.yaml': text }), 'failoverd.yaml');
}

t.test('notify test says of each sink whether it took the test, or why not', async (t) => {
  const path = await configFor(t, [TOOK, REFUSED]);
  t.same(await cli('notify', 'test', '--config', path), {
    code: 1,
    stdout: 'team: delivered in 120ms\nwebhook #1a2b3c4d: not delivered in 12ms: it answered 404\n',
    stderr: '',
  });
  const { code, stdout } = await cli('notify', 'test', '--json', '--config', path);
  t.equal(code, 1);
  t.same(JSON.parse(stdout), { deliveries: [TOOK, REFUSED] });
});

t.test('notify test ends with exit code 0 when all took it, and when nobody is told', async (t) => {
  t.match(await cli('notify', 'test', '--config', await configFor(t, [TOOK])), { code: 0 });
  t.match(await cli('notify', 'test', '--config', await configFor(t, [])), { code: 0, stdout: /^nobody is told: / });
});

t.test('notify knows nothing but test', async (t) => {
  const { code, stderr } = await cli('notify', 'all', '--config', '/nonexistent');
  t.equal(code, 2);
  t.match(stderr, /"notify all" is not known: it is "notify test"/);
});
