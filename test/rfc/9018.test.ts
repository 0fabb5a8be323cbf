/** DNS cookies: RFC 7873, with the server cookie of RFC 9018 and the examples of its appendix A. */
import t from 'tap';
import { createResponderShared } from '../../src/dns/rate-limit.ts';
import { query } from '../helpers/message.ts';
import { type TestResponder, testResponder } from '../helpers/responder.ts';
import { content } from '../helpers/zones.ts';

const zone = content('example.com', '@ 3600 NS ns1\nns1 3600 A 192.0.2.53\n@ 5 A 192.0.2.1');
const SECRET = 'e5e973e5a6b2a43f48e7dc849e37bfcf';
const COOKIE = 10;
const BADCOOKIE = 23;

function withCookie(hex: string, more = {}) {
  return query({ opt: { options: [{ code: COOKIE, data: Buffer.from(hex, 'hex') }] }, ...more });
}

function cookieOf({ ask, clock }: TestResponder, hex: string, peer: string, epochS: number): string | undefined {
  clock.epochMs = epochS * 1000;
  return ask(withCookie(hex), peer).opt?.options.get(COOKIE)?.toString('hex');
}

t.test('the examples of RFC 9018, appendix A', async (t) => {
  const responder = testResponder([zone], { cookieSecrets: [SECRET] });
  const first = '2464c4abcf10c957010000005cf79f111f8130c3eee29480';
  t.equal(cookieOf(responder, '2464c4abcf10c957', '198.51.100.100', 1_559_731_985), first, 'A.1: a new server cookie');
  const renewed = '2464c4abcf10c957010000005cf7a871d4a564a1442aca77';
  t.equal(cookieOf(responder, first, '198.51.100.100', 1_559_734_385), renewed, 'A.2: a renewed server cookie');
  const reserved = 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5';
  const other = 'fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e';
  t.equal(
    cookieOf(responder, reserved, '203.0.113.203', 1_559_734_700),
    other,
    'A.3: another client, the reserved octets set',
  );
});

t.test('the secret is rolled over (RFC 9018 §5 and appendix A.4)', async (t) => {
  const [old, fresh] = ['dd3bdf9344b678b185a6f5cb60fca715', '445536bcd2513298075a5d379663c962'];
  const responder = testResponder([zone], { cookieSecrets: [fresh, old], rateLimit: limit(1) });
  const peer = '2001:db8:220:1:59de:d0f4:8769:82b8';
  const madeByOld = '22681ab97d52c298010000005cf7c57926556bd0934c72f8';
  const answer = '22681ab97d52c298010000005cf7c609a6bb79d16625507a';
  t.equal(
    cookieOf(responder, madeByOld, peer, 1_559_741_961),
    answer,
    'the old secret still verifies, the new one signs',
  );
  for (let i = 0; i < 20; i++) t.not(responder.udp(withCookie(madeByOld), peer), null, 'so that the client is known');
});

/** How the server takes a cookie: whether it is exempt from rate limiting, and whether it comes back as it is. */
function taken(hex: string, peer: string, epochS: number): { valid: boolean; same: boolean } {
  const responder = testResponder([zone], { cookieSecrets: [SECRET], rateLimit: { ...limit(1), slip: 0 } });
  const same = cookieOf(responder, hex, peer, epochS) === hex;
  return { valid: responder.udp(withCookie(hex), peer) !== null, same };
}

function limit(responsesPerSecond: number) {
  return { responsesPerSecond, slip: 1, ipv4PrefixBits: 32, ipv6PrefixBits: 64 };
}

t.test(
  'a server cookie is good for an hour, renewed after half of it, and bound to all that it was made of (RFC 9018 §4.3)',
  async (t) => {
    const good = '2464c4abcf10c957010000005cf79f111f8130c3eee29480';
    const peer = '198.51.100.100';
    const at = 1_559_731_985;
    const flipped = (octet: number) =>
      Buffer.from(Buffer.from(good, 'hex').map((value, i) => (i === octet ? value ^ 1 : value))).toString('hex');
    const cases: [string, string, string, number, boolean, boolean][] = [
      ['just made', good, peer, at, true, true],
      ['half an hour old', good, peer, at + 1800, true, true],
      ['older', good, peer, at + 1801, true, false],
      ['an hour old', good, peer, at + 3600, true, false],
      ['an hour and a second old', good, peer, at + 3601, false, false],
      ['five minutes from the future', good, peer, at - 300, true, true],
      ['five minutes and a second', good, peer, at - 301, false, false],
      ['another client cookie', flipped(0), peer, at, false, false],
      ['another version', flipped(8), peer, at, false, false],
      ['another reserved octet', flipped(9), peer, at, false, false],
      ['another time', flipped(15), peer, at, false, false],
      ['another hash', flipped(23), peer, at, false, false],
      ['another client', good, '198.51.100.101', at, false, false],
      ['the client cookie alone', good.slice(0, 16), peer, at, false, false],
      ['a longer server cookie', `${good}00`, peer, at, false, false],
    ];
    for (const [title, cookie, from, epochS, valid, same] of cases)
      t.same(taken(cookie, from, epochS), { valid, same }, title);
  },
);

t.test('a malformed COOKIE option gets FORMERR (RFC 7873 §5.2.2)', async (t) => {
  const { ask } = testResponder([zone]);
  for (const octets of [0, 1, 7, 9, 15, 41, 100])
    t.equal(ask(withCookie('00'.repeat(octets))).rcode, 1, `${octets} octets`);
  for (const octets of [8, 16, 24, 40]) t.equal(ask(withCookie('00'.repeat(octets))).rcode, 0, `${octets} octets`);
});

t.test('the first of several COOKIE options counts (RFC 7873 §5.2)', async (t) => {
  const { ask } = testResponder([zone]);
  const options = ['0102030405060708', '00'].map((hex) => ({ code: COOKIE, data: Buffer.from(hex, 'hex') }));
  const response = ask(query({ opt: { options } }));
  t.equal(response.opt?.options.get(COOKIE)?.toString('hex', 0, 8), '0102030405060708');
});

t.test('a query without a question asks for a cookie (RFC 7873 §5.4)', async (t) => {
  const { ask } = testResponder([zone]);
  const bare = query();
  const whole = withCookie('0102030405060708');
  const onlyCookie = Buffer.concat([whole.subarray(0, 12), whole.subarray(bare.length)]);
  onlyCookie.writeUInt16BE(0, 4);
  const response = ask(onlyCookie);
  t.match(response, { rcode: 0, flags: /^qr rd$/ });
  t.equal(response.opt?.options.get(COOKIE)?.length, 24);
  t.equal(response.question.length, 0);
  const { ask: askWithout } = testResponder([zone], { cookies: false });
  t.equal(askWithout(onlyCookie).rcode, 1, 'FORMERR where cookies are off');
});

t.test('cookies that are off are an unknown option', async (t) => {
  const { ask } = testResponder([zone], { cookies: false });
  t.equal(ask(withCookie('0102030405060708')).opt?.options.size, 0);
  t.equal(ask(withCookie('01')).rcode, 0);
});

t.test(
  'a limited client that has a cookie is told its server cookie, and is exempt with it (RFC 7873 §5.2.3)',
  async (t) => {
    const responder = testResponder([zone], { rateLimit: limit(2) });
    const responses = Array.from({ length: 4 }, () => responder.ask(withCookie('0102030405060708')));
    t.same(
      responses.map(({ rcode }) => rcode),
      [0, 0, BADCOOKIE, BADCOOKIE],
    );
    t.equal(responses[3]?.flags, 'qr rd');
    const cookie = responses[3]?.opt?.options.get(COOKIE)?.toString('hex') ?? '';
    for (let i = 0; i < 20; i++) t.equal(responder.ask(withCookie(cookie)).rcode, 0);
  },
);

t.test('secrets of the process’s own are changed each day, and the last day’s still verify', async (t) => {
  const shared = createResponderShared((octets) => new Uint8Array(octets).fill(9));
  const responder = testResponder([zone], { cookieSecrets: [], rateLimit: { ...limit(1), slip: 0 } }, shared);
  const midnight = 20_000 * 86_400;
  const evening = cookieOf(responder, '0102030405060708', '192.0.2.1', midnight - 60) ?? '';
  t.equal(cookieOf(responder, evening, '192.0.2.1', midnight - 30), evening);
  const morning = cookieOf(responder, evening, '192.0.2.1', midnight + 30);
  t.not(morning, evening, 'the new day’s secret signs');
  t.not(responder.udp(withCookie(evening), '192.0.2.1'), null, 'the last day’s verifies');
  const other = testResponder([zone], { cookieSecrets: [] }, shared);
  t.equal(cookieOf(other, evening, '192.0.2.1', midnight - 30), evening, 'another worker makes the same');
  const stranger = testResponder([zone], { cookieSecrets: [] });
  t.not(cookieOf(stranger, evening, '192.0.2.1', midnight - 30), evening, 'another process does not');
});
