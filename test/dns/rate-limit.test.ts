import fc from 'fast-check';
import t from 'tap';
import { createRateLimiter, createResponderShared, type RateLimiter } from '../../src/dns/rate-limit.ts';
import { query } from '../helpers/message.ts';
import { DNS_OPTIONS, peerOctets, testResponder } from '../helpers/responder.ts';
import { content } from '../helpers/zones.ts';

const OPTIONS = { responsesPerSecond: 5, slip: 2, ipv4PrefixBits: 24, ipv6PrefixBits: 56 };
const shared = () =>
  createResponderShared((octets) => Uint8Array.from({ length: octets }, (_, i) => (i * 37 + 11) & 0xff));

function limiter(options: Partial<typeof OPTIONS> = {}, memory = shared()): RateLimiter {
  const made = createRateLimiter({ ...OPTIONS, ...options }, memory);
  if (!made) throw new Error('rate limiting is off');
  return made;
}

/** How many of so many responses pass. */
function passing(rate: RateLimiter, peer: string, count: number, nowMs = 0, rateKey = 1): number {
  return Array.from({ length: count }, () => rate.admit(peerOctets(peer), 0, rateKey, nowMs)).filter(
    (one) => one === 'pass',
  ).length;
}

t.test('createRateLimiter() is null when responses_per_second is 0', async (t) => {
  t.equal(createRateLimiter({ ...OPTIONS, responsesPerSecond: 0 }, shared()), null);
});

t.test('admit() lets a second’s worth pass at once, then so many a second', async (t) => {
  const rate = limiter();
  t.equal(passing(rate, '192.0.2.1', 20, 1000), 5);
  t.equal(passing(rate, '192.0.2.1', 20, 1199), 0);
  t.equal(passing(rate, '192.0.2.1', 20, 1400), 2);
  t.equal(passing(rate, '192.0.2.1', 20, 60_000), 5, 'what is saved up is one second’s worth');
});

t.test('admit() counts by network', async (t) => {
  const rate = limiter();
  passing(rate, '192.0.2.1', 5);
  t.equal(passing(rate, '192.0.2.255', 5), 0, 'the same /24');
  t.equal(passing(rate, '192.0.3.1', 5), 5, 'the next');
  passing(rate, '2001:db8:0:ff::1', 5);
  t.equal(passing(rate, '2001:db8:0:1::2', 5), 0, 'the same /56');
  t.equal(passing(rate, '2001:db8:0:100::1', 5), 5, 'the next');
  t.equal(passing(rate, '::c000:201', 5), 5, 'not the IPv4 client');
});

t.test('admit() counts each kind of response by itself', async (t) => {
  const rate = limiter();
  passing(rate, '192.0.2.1', 5, 0, 1);
  t.equal(passing(rate, '192.0.2.1', 5, 0, 2), 5);
});

t.test('admit() slips every so many-th limited response', async (t) => {
  const limited = (slip: number) => {
    const rate = limiter({ slip });
    passing(rate, '192.0.2.1', 5);
    return Array.from({ length: 6 }, () => rate.admit(peerOctets('192.0.2.1'), 0, 1, 0));
  };
  t.same(limited(0), Array(6).fill('drop'));
  t.same(limited(1), Array(6).fill('slip'));
  t.same(limited(2), ['drop', 'slip', 'drop', 'slip', 'drop', 'slip']);
  t.same(limited(3), ['drop', 'drop', 'slip', 'drop', 'drop', 'slip']);
});

t.test('admit() counts over all workers that share the table', async (t) => {
  const memory = shared();
  const [one, other] = [limiter({}, memory), limiter({}, memory)];
  t.equal(passing(one, '192.0.2.1', 3) + passing(other, '192.0.2.1', 10), 5);
  t.equal(passing(other, '192.0.2.1', 1, -5), 0, 'a worker that is a little behind does no harm');
});

t.test('admit() stays right when its 32 bits of milliseconds wrap', async (t) => {
  const rate = limiter();
  const end = 2 ** 32;
  t.equal(passing(rate, '192.0.2.1', 20, end - 100), 5);
  t.equal(passing(rate, '192.0.2.1', 20, end + 100), 1);
});

t.test('admit() under a flood of forged sources still limits its victim, in the same memory', async (t) => {
  const rate = limiter({ ipv4PrefixBits: 32 });
  let passed = 0;
  for (let i = 0; i < 200_000; i++) {
    const forged = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, i >> 16, i >> 8, i, i >> 4);
    rate.admit(forged, 0, 1, i / 200);
    if (i % 10 === 0) passed += passing(rate, '203.0.113.9', 1, i / 200);
  }
  // One second: 5 at once, 5 more over it; each time that the bucket is evicted 5 more.
  t.ok(passed < 40, `${passed} of 20,000 passed`);
});

t.test('admit() spreads clients over the table', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (start) => {
      const rate = limiter({ ipv4PrefixBits: 32 });
      let passed = 0;
      for (let i = start; i < start + 2000; i++) {
        passed += passing(rate, [i >>> 24, (i >> 16) & 255, (i >> 8) & 255, i & 255].join('.'), 1, 0, i & 3);
      }
      return passed === 2000;
    }),
    { numRuns: 20 },
  );
});

const zone = content(
  'example.com',
  '@ 60 NS ns1\n@ 5 A 192.0.2.1\n* 5 TXT x\na.b 5 A 192.0.2.2\nsub 60 NS ns.example.net.',
);

t.test('a limited response is truncated or not sent at all; TCP is never limited', async (t) => {
  const { ask, udp, askTcp, responder } = testResponder([zone], { rateLimit: { ...OPTIONS, responsesPerSecond: 1 } });
  t.equal(ask(query()).answers.length, 1);
  t.equal(udp(query()), null);
  const slipped = ask(query({ opt: {} }));
  t.match(slipped, { rcode: 0, flags: /^qr aa tc rd$/, opt: { version: 0 } });
  t.equal(slipped.answers.length, 0);
  for (let i = 0; i < 10; i++) t.equal(askTcp(query()).answers.length, 1);
  t.match(responder.stats(), {
    queries: { udp: 3, tcp: 10 },
    responses: { NOERROR: 12 },
    responsesOverTcp: { NOERROR: 10 },
    slips: 1,
    drops: { rate_limited: 1 },
  });
});

t.test(
  'answers of one wildcard, negative answers of one zone, referrals and errors are counted together',
  async (t) => {
    const { udp } = testResponder([zone], { rateLimit: { ...DNS_OPTIONS.rateLimit, responsesPerSecond: 2, slip: 0 } });
    const names = (suffix: string) => ['a1', 'a2', 'a3', 'a4'].map((label) => `${label}${suffix}`);
    const answered = (queries: readonly Buffer[]) => queries.filter((message) => udp(message) !== null).length;
    t.equal(answered(names('.example.com').map((name) => query({ name, type: 16 }))), 2, 'a wildcard');
    t.equal(answered(names('.a.b.example.com').map((name) => query({ name }))), 2, 'NXDOMAIN');
    t.equal(answered(names('.sub.example.com').map((name) => query({ name }))), 2, 'referrals');
    t.equal(answered(names('.example.net').map((name) => query({ name }))), 2, 'REFUSED');
    t.equal(answered([1, 2, 6, 7].map((opcode) => query({ opcode }))), 2, 'NOTIMP');
    t.equal(answered([query({ type: 2 })]), 1, 'another type of the apex');
  },
);
