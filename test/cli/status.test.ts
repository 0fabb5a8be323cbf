import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { StatusReport } from '../../src/runtime/status.ts';
import { fakeHandlers, serveAdmin } from '../helpers/admin.ts';
import { cli } from './io.ts';
import { REPORT } from './report.ts';

/** A config whose admin API is to be found at this port. */
function configFor(t: Test, port: number, token?: string): string {
  const admin = `{listen: "127.0.0.1:${port}"${token === undefined ? '' : `, token: ${token}`}}`;
  const text = `admin: ${admin}
zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 203.0.113.53}
    records:
      "@": {primary: 192.0.2.10, backup: 198.51.100.20, check: http://app.example.com/healthz}
`;
  return join(t.testdir({ 'failoverd.yaml': text }), 'failoverd.yaml');
}

async function startAdmin(t: Test, token: string | null, failing: readonly string[] = []): Promise<number> {
  const handlers = fakeHandlers({
    status: async () => REPORT,
    live: async () => ({ ok: failing.length === 0, failing }),
  });
  return (await serveAdmin(t, handlers, { token })).address.port;
}

async function startOther(t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

t.test('status prints what the running failoverd reports', async (t) => {
  const path = configFor(t, await startAdmin(t, null));
  const { code, stdout, stderr } = await cli('status', '--config', path);
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, /^OK {2}1 record on the primary\n/);
});

t.test('status --json prints the report as it came, and shows the token of the config', async (t) => {
  const path = configFor(t, await startAdmin(t, 'a-long-enough-token-for-a-test'), 'a-long-enough-token-for-a-test');
  const { code, stdout } = await cli('status', '--json', '--config', path);
  t.equal(code, 0);
  t.same(JSON.parse(stdout) as StatusReport, REPORT);
});

t.test('status says what the server refuses', async (t) => {
  const port = await startAdmin(t, 'another-long-enough-token-for-it');
  t.same(await cli('status', '--config', configFor(t, port, 'a-long-enough-token-for-a-test')), {
    code: 1,
    stdout: '',
    stderr: `failoverd: http://127.0.0.1:${port}/api/v1/status answers 401: this needs the token of the config, as a bearer token\n`,
  });
});

t.test('status ends with exit code 4 when nothing listens, and says what was tried and what to do', async (t) => {
  const path = configFor(t, 1);
  t.same(await cli('status', '--config', path), {
    code: 4,
    stdout: '',
    stderr: `failoverd: no failoverd answers on 127.0.0.1:1 (ECONNREFUSED): start "failoverd serve", or name its config with --config (this is ${path})\n`,
  });
});

t.test('status ends with exit code 4 when the connection is closed without an answer', async (t) => {
  const port = await startOther(t, (request) => request.socket.destroy());
  const { code, stderr } = await cli('status', '--config', configFor(t, port));
  t.equal(code, 4);
  t.match(stderr, /no failoverd answers on .* \(UND_ERR_SOCKET\)/);
});

for (const body of ['<html>', '"text"', 'null']) {
  t.test(`status does not take ${body} for the answer of failoverd`, async (t) => {
    const port = await startOther(t, (_, response) => response.end(body));
    t.same(await cli('status', '--config', configFor(t, port)), {
      code: 1,
      stdout: '',
      stderr: `failoverd: what answers at http://127.0.0.1:${port}/api/v1/status is not failoverd (status 200)\n`,
    });
  });
}

t.test('status ends with exit code 3 for a config that has errors', async (t) => {
  t.match(await cli('status', '--config', 'no-such.yaml'), { code: 3, stderr: /cannot be read: no such file/ });
});

t.test('healthcheck is content with a server that does its work, and needs no token', async (t) => {
  const path = configFor(t, await startAdmin(t, 'a-long-enough-token-for-a-test'));
  t.same(await cli('healthcheck', '--config', path), { code: 0, stdout: 'healthy\n', stderr: '' });
  t.same(JSON.parse((await cli('healthcheck', '--json', '--config', path)).stdout), { ok: true, failing: [] });
});

t.test('healthcheck fails with what does not do its work', async (t) => {
  const port = await startAdmin(t, null, ['DNS workers: 1 of 2 answers']);
  t.same(await cli('healthcheck', '--config', configFor(t, port)), {
    code: 1,
    stdout: '',
    stderr: `failoverd: http://127.0.0.1:${port}/livez answers 503: {"ok":false,"failing":["DNS workers: 1 of 2 answers"]}\n`,
  });
});

t.test('healthcheck ends with exit code 4 when nothing listens', async (t) => {
  t.match(await cli('healthcheck', '--config', configFor(t, 1)), { code: 4 });
});
