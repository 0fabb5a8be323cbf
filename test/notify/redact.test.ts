import fc from 'fast-check';
import t from 'tap';
import { redact, secretsOfUrl } from '../../src/notify/redact.ts';

t.test('redact() leaves one short line without the secrets, the longest first', async (t) => {
  t.equal(redact(' a\n\tsecret-longer secret b\0', ['secret', 'secret-longer']), 'a … … b');
  t.equal(redact('x'.repeat(1_000), []).length, 200);
  t.equal(redact('no 404', ['404', 'no']), 'no 404', 'what is that short is no secret');
});

t.test('secretsOfUrl() names every part of a URL that may be a secret, also as it is decoded', async (t) => {
  const secrets = secretsOfUrl('https://user:p%40ssword@hooks.example.com/T0/B1-canary?auth=tk_canary');
  for (const secret of ['p@ssword', 'B1-canary', 'tk_canary', 'hooks.example.com', '/T0/B1-canary']) {
    t.ok(secrets.includes(secret), secret);
  }
});

t.test('redact() lets no part of a URL through that is longer than three characters (property)', async () => {
  const part = fc.stringMatching(/^[a-z0-9]{8,16}$/);
  fc.assert(
    fc.property(part, part, part, fc.string(), (path, token, password, around) => {
      const url = `https://user:${password}@example.com/${path}?auth=${token}`;
      const said = redact(`${around}${path}${around}${token}${around}${password}`, secretsOfUrl(url));
      return [path, token, password].every((secret) => !said.includes(secret));
    }),
  );
});
