import type { Test } from 'tap';
import t from 'tap';
import { parseConfig } from '../../src/config/parse.ts';
import type { HttpCheck } from '../../src/core/check.ts';
import { CERTIFICATE, ENCRYPTED_KEY, KEY, OTHER_KEY } from './pem.ts';
import { isOfEveryConfig, withCheck, withTop } from './texts.ts';

/** Reads the text as if it stood in a folder with these files. */
function readIn(t: Test, text: string, files: Parameters<Test['testdir']>[0]) {
  return parseConfig(text, `${t.testdir(files)}/failoverd.yaml`, {});
}

function messages(result: ReturnType<typeof parseConfig>): readonly string[] {
  const problems = result.ok ? [] : result.problems.filter(({ message }) => !isOfEveryConfig(message));
  return problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const withTls = (keys: string) => withCheck('url: https://app.example.com/', `tls: {${keys}}`);

t.test('token_file is read beside the config, without its line end', async (t) => {
  const result = readIn(t, withTop('admin: {listen: "0.0.0.0:0", token_file: secrets/token}'), {
    secrets: { token: 's3cr3t\r\n' },
  });
  t.equal(result.ok && result.config.admin.token, 's3cr3t');
});

t.test('token_file must hold one token', async (t) => {
  const text = withTop('admin: {token_file: token}');
  t.same(messages(readIn(t, text, { token: '\n' })), ['1:21 token_file "token" is empty']);
  t.same(messages(readIn(t, text, { token: 'two words\n' })), [
    '1:21 token_file "token" holds no token of visible ASCII characters',
  ]);
  t.same(messages(readIn(t, text, { token: 'two\nlines\n' })), [
    '1:21 token_file "token" holds no token of visible ASCII characters',
  ]);
});

t.test('ca_file, cert_file and key_file are read as PEM', async (t) => {
  const bundle = `a comment\n${CERTIFICATE}\n${CERTIFICATE}`;
  const result = readIn(t, withTls('ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem'), {
    'ca.pem': bundle,
    'cert.pem': CERTIFICATE,
    'key.pem': KEY,
  });
  const check = result.ok ? result.config.zones[0]?.records[0]?.targets[0]?.endpoints[0]?.check : null;
  t.same((check as HttpCheck).tls, { verify: true, serverName: null, ca: bundle, cert: CERTIFICATE, key: KEY });
});

t.test('a certificate that does not parse is refused, wherever it stands in its file', async (t) => {
  const broken = CERTIFICATE.replace(/\n[A-Za-z0-9+/]{64}\n/, '\nAAAA\n');
  const text = withTls('ca_file: ca.pem');
  const message = ['10:26 ca_file "ca.pem" holds no valid PEM certificate'];
  t.same(messages(readIn(t, text, { 'ca.pem': broken })), message);
  t.same(messages(readIn(t, text, { 'ca.pem': CERTIFICATE + broken })), message);
  t.same(messages(readIn(t, text, { 'ca.pem': KEY })), message);
});

t.test('a key that does not parse, is encrypted or of another certificate is refused', async (t) => {
  const text = withTls('cert_file: cert.pem, key_file: key.pem');
  for (const [key, message] of [
    [KEY.replace(/\n[A-Za-z0-9+/]{64}\n/, '\nAAAA\n'), 'key_file "key.pem" holds no valid PEM private key'],
    [CERTIFICATE, 'key_file "key.pem" holds no valid PEM private key'],
    [ENCRYPTED_KEY, 'key_file "key.pem" holds an encrypted key'],
    [OTHER_KEY, 'key_file holds the key of another certificate'],
  ] as const) {
    t.same(messages(readIn(t, text, { 'cert.pem': CERTIFICATE, 'key.pem': key })), [`10:48 ${message}`], message);
  }
});
