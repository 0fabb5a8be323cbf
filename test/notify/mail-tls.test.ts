/**
 * Mail to a server that encrypts, as another implementation does it (Debian's python3-aiosmtpd): over STARTTLS and over
 * smtps, with a certificate whose CA is trusted, and with one that nobody here knows. Proves that a password never goes
 * unencrypted to another machine, and that each refusal names its remedy.
 */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import type { Delivered, MailMessage } from '../../src/notify/message.ts';

const PYTHON = '/usr/bin/python3';
const isInstalled = spawnSync(PYTHON, ['-c', 'import aiosmtpd']).status === 0;
const skip = isInstalled ? false : 'python3-aiosmtpd is not installed';

/** A name that is no loopback name, for the same address. */
const OTHER_MACHINE = '[::ffff:127.0.0.1]';
const UNKNOWN_CA = /^nobody who is known here signed its certificate: .* NODE_EXTRA_CA_CERTS/;

/** A certificate that is its own CA. */
function certify(directory: string, name: string, hosts: string): { readonly cert: string; readonly key: string } {
  const files = { cert: `${directory}/${name}.crt`, key: `${directory}/${name}.key` };
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const san = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${hosts}`];
  execFileSync('openssl', ['req', '-x509', ...ec, ...san, '-keyout', files.key, '-out', files.cert], {
    stdio: 'ignore',
  });
  return files;
}

interface Server {
  readonly port: string;
  /** The next message that it took. */
  next(): Promise<object>;
}

async function startServer(t: Test, mode: 'plain' | 'starttls' | 'smtps', cert: string, key: string): Promise<Server> {
  const child = spawn(PYTHON, [`${import.meta.dirname}/smtp-server.py`, mode, cert, key]);
  t.teardown(() => child.kill());
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value ?? '';
  return { port: await next(), next: async () => JSON.parse(await next()) };
}

/** Sends in a process that trusts this CA beside those of Node. */
async function send(url: string, ca: string): Promise<Delivered> {
  const message: MailMessage = {
    ...{ kind: 'mail', url, secrets: [], timeoutMs: 20_000, id: 'msg_1', from: 'failoverd@example.com' },
    ...{ to: ['ann@example.com'], subject: 'app.example.com: failover to backup', text: 'primary → backup' },
  };
  const program = [`${import.meta.dirname}/send-mail.ts`, JSON.stringify(message)];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: ca };
  const { stdout } = await promisify(execFile)(process.execPath, program, { env });
  return JSON.parse(stdout);
}

t.test('sendMail() over TLS to a real server', { skip }, async (t) => {
  const directory = t.testdir();
  const { cert, key } = certify(directory, 'mail', 'IP:127.0.0.1,IP:::ffff:127.0.0.1');
  const foreign = certify(directory, 'foreign', 'DNS:mail.example.net');
  const [starttls, smtps, plain, misnamed] = await Promise.all([
    startServer(t, 'starttls', cert, key),
    startServer(t, 'smtps', cert, key),
    startServer(t, 'plain', cert, key),
    startServer(t, 'smtps', foreign.cert, foreign.key),
  ]);
  const took = { from: 'failoverd@example.com', to: ['ann@example.com'], user: 'ops', text: /^Message-ID: <msg_1@/m };

  t.test('STARTTLS, its CA trusted: delivered, signed in, encrypted (RFC 3207)', async (t) => {
    t.same(await send(`smtp://ops:canary@${OTHER_MACHINE}:${starttls.port}`, cert), { ok: true });
    t.match(await starttls.next(), { ...took, encrypted: true });
  });
  t.test('smtps, its CA trusted: delivered, signed in, encrypted (RFC 8314)', async (t) => {
    t.same(await send(`smtps://ops:canary@127.0.0.1:${smtps.port}`, cert), { ok: true });
    t.match(await smtps.next(), { ...took, encrypted: true });
  });
  t.test('a certificate of an unknown CA is refused, over both, with the remedy', async (t) => {
    const refused = { ok: false, isRejected: false, reason: UNKNOWN_CA };
    t.match(await send(`smtp://ops:canary@${OTHER_MACHINE}:${starttls.port}`, foreign.cert), refused);
    t.match(await send(`smtps://ops:canary@127.0.0.1:${smtps.port}`, foreign.cert), refused);
  });
  t.test('a certificate for another name is refused', async (t) => {
    const result = await send(`smtps://ops:canary@127.0.0.1:${misnamed.port}`, foreign.cert);
    t.match(result, { ok: false, reason: /^its certificate is for another name/ });
  });
  t.test('a server without STARTTLS gets no password', async (t) => {
    const result = await send(`smtp://ops:canary@${OTHER_MACHINE}:${plain.port}`, cert);
    t.match(result, { ok: false, reason: /^it has no STARTTLS \(it answered 454 .*try smtps:\/\/$/ });
  });
  t.test('a wrong password is said, without the password', async (t) => {
    const result = await send(`smtps://ops:canary-2@127.0.0.1:${smtps.port}`, cert);
    t.match(result, { ok: false, isRejected: false, reason: /^it answered 535 / });
    t.notMatch(JSON.stringify(result), /canary/);
  });
  t.test('on the same machine the certificate of STARTTLS is not asked', async (t) => {
    t.same(await send(`smtp://ops:canary@127.0.0.1:${starttls.port}`, foreign.cert), { ok: true });
    t.match(await starttls.next(), { ...took, encrypted: true });
  });
});
