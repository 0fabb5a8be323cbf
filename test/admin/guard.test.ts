import t from 'tap';
import { carriesToken, hostOfOrigin, isOwnHost } from '../../src/admin/guard.ts';

t.test('isOwnHost() takes loopback names, the configured host and the address asked (DNS rebinding)', async (t) => {
  const own = [
    'localhost',
    'localhost:8053',
    'LOCALHOST.:8053',
    'x.localhost',
    '127.0.0.1',
    '127.9.9.9:1',
    '[::1]:8053',
  ];
  for (const host of [...own, 'dns1.example.net:8053', '192.0.2.53', '192.0.2.53:80']) {
    t.ok(isOwnHost(host, 'dns1.example.net', '::ffff:192.0.2.53'), host);
  }
  const foreign = [
    '',
    'evil.example',
    'localhost.evil.example',
    '192.0.2.54',
    '[::2]',
    'localhost@evil.example',
    'a b',
    '/',
  ];
  for (const host of [...foreign, 'evil.example#localhost', '127.0.0.1.evil.example']) {
    t.notOk(isOwnHost(host, 'dns1.example.net', '::ffff:192.0.2.53'), host);
  }
  t.ok(isOwnHost('[2001:db8::1]:8053', '2001:DB8:0::1', '::1'), 'IPv6 in another form');
});

t.test('hostOfOrigin() reads the host of an Origin (RFC 6454 §7)', async (t) => {
  t.equal(hostOfOrigin('http://127.0.0.1:8053'), '127.0.0.1:8053');
  t.equal(hostOfOrigin('https://evil.example'), 'evil.example');
  t.equal(hostOfOrigin('null'), null);
  t.equal(hostOfOrigin('http://a/b'), null);
});

t.test('carriesToken() takes exactly the token (RFC 6750 §2.1)', async (t) => {
  t.ok(carriesToken('Bearer s3cret', 's3cret'));
  t.ok(carriesToken('bearer s3cret', 's3cret'));
  for (const header of [
    undefined,
    '',
    's3cret',
    'Basic s3cret',
    'Bearer ',
    'Bearer s3cre',
    'Bearer s3crets',
    'Bearer S3CRET',
  ]) {
    t.notOk(carriesToken(header, 's3cret'), String(header));
  }
});
