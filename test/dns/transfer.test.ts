import { createHmac } from 'node:crypto';
import t from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import type { ZoneChange } from '../../src/core/zone.ts';
import { MESSAGE_OCTETS } from '../../src/dns/transfer.ts';
import type { TransferOptions } from '../../src/runtime/ports.ts';
import { query, readMessage, uint16, type WireRecord, wireName } from '../helpers/message.ts';
import { peerOctets, testResponder } from '../helpers/responder.ts';
import { content } from '../helpers/zones.ts';

const APEX = 'example.com.' as OwnerName;
const LISTED = '192.0.2.66';
const KEYED = '192.0.2.67';
const KEY = {
  name: 'key.' as OwnerName,
  algorithm: 'hmac-sha256',
  secret: Buffer.alloc(32, 7).toString('base64'),
} as const;
const TRANSFER: TransferOptions = {
  keys: [KEY],
  secondaries: [
    { zone: APEX, address: LISTED, key: null },
    { zone: APEX, address: '2001:db8::66', key: null },
    { zone: APEX, address: KEYED, key: KEY.name },
  ],
};
const [SOA, TSIG, IXFR, AXFR] = [6, 250, 251, 252];
const SMALL = {
  ...content('example.com', '@ 60 NS ns1\nns1 60 A 192.0.2.53\na 60 A 192.0.2.1\nb 60 TXT x'),
  journal: [],
};

function world(zone = SMALL) {
  const made = testResponder([zone], { transfer: TRANSFER });
  const all = (message: Uint8Array, peer = LISTED): Buffer[] => {
    const reply = made.responder.handleTcp(message, peerOctets(peer));
    if (reply === null) throw new Error('no reply');
    return reply instanceof Uint8Array ? [Buffer.from(reply)] : Array.from(reply, (one) => Buffer.from(one));
  };
  const records = (message: Uint8Array, peer = LISTED) => all(message, peer).flatMap((one) => readMessage(one).answers);
  return { ...made, all, records };
}

function flip(serial: number, address: string): ZoneChange {
  const owner = `a.${APEX}` as OwnerName;
  const rrset = { owner, type: 'A', ttlSeconds: 60, rdatas: [{ type: 'A', address }] } as const;
  return { apex: APEX, serial, changes: [{ owner, type: 'A', rrset }], degraded: {} };
}

function ixfr(serial: number, more: Parameters<typeof query>[0] = {}): Buffer {
  const soa = Buffer.concat([
    uint16(0xc00c, SOA, 1, 0, 0, 22),
    Uint8Array.of(0, 0),
    uint16(0, serial),
    Buffer.alloc(16),
  ]);
  return query({ type: IXFR, counts: [1, 0, 1, 0], tail: soa, ...more });
}

/** `SOA 2`, `A 192.0.2.1`, … */
function shown({ type, data }: WireRecord): string {
  if (type === SOA) return `SOA ${data.readUInt32BE(data.length - 20)}`;
  return type === 1 ? `A ${[...data].join('.')}` : `type ${type}`;
}

t.test('AXFR gives the whole zone between two SOAs (RFC 5936 §2.2)', async (t) => {
  const { records } = world();
  const lines = records(query({ type: AXFR })).map(shown);
  t.equal(lines.length, 6);
  t.same([lines[0], lines.at(-1)], ['SOA 1', 'SOA 1']);
  t.same(lines.slice(1, -1).sort(), ['A 192.0.2.1', 'A 192.0.2.53', 'type 16', 'type 2']);
  t.equal(records(query({ type: AXFR }), '2001:db8::66').length, 6);
});

t.test('AXFR of 10,000 records comes in filled messages, from one state of the zone', async (t) => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `host-${i} 60 A 10.0.${i >> 8}.${i & 255}`);
  const { responder } = world({ ...content('example.com', lines.join('\n')), journal: [] });
  const reply = responder.handleTcp(query({ type: AXFR, name: 'eXaMple.com' }), peerOctets(LISTED));
  if (reply === null || reply instanceof Uint8Array) return t.fail('not several messages');
  const messages: Buffer[] = [];
  for (const message of reply) {
    messages.push(Buffer.from(message));
    responder.apply(flip(messages.length + 1, '192.0.2.99'));
  }
  const answers = messages.flatMap((message) => readMessage(message).answers);
  t.equal(answers.length, 10_002);
  t.equal(new Set(answers.map(({ owner }) => owner)).size, 10_001);
  t.same(
    [answers[0], answers.at(-1)].map((soa) => soa && shown(soa)),
    ['SOA 1', 'SOA 1'],
  );
  for (const message of messages.slice(0, -1)) t.ok(message.length > MESSAGE_OCTETS * 0.95 && message.length < 2 ** 16);
  t.equal(responder.stats().responses.NOERROR, messages.length);
});

t.test(
  'a transfer is for those who are listed (REFUSED), of a zone that is here (NOTAUTH, RFC 5936 §2.2.1)',
  async (t) => {
    const { askTcp, ask } = world();
    t.match(askTcp(query({ type: AXFR }), '192.0.2.68'), { rcode: 5, answers: [] });
    t.match(ask(ixfr(1), '192.0.2.68'), { rcode: 5, answers: [] });
    t.match(askTcp(query({ type: AXFR }), KEYED), { rcode: 5, answers: [] }, 'not signed');
    t.match(askTcp(query({ type: AXFR, name: 'a.example.com' }), LISTED), { rcode: 9 });
    t.match(askTcp(query({ type: AXFR, name: 'example.org' }), LISTED), { rcode: 9 });
    const prohibited = askTcp(query({ type: AXFR, opt: {} }), '192.0.2.68').opt?.options.get(15);
    t.equal(prohibited?.readUInt16BE(0), 18);
  },
);

t.test('AXFR over UDP does not exist (RFC 5936 §4.2)', async (t) => {
  t.match(world().ask(query({ type: AXFR }), LISTED), { rcode: 1, answers: [] });
});

t.test('IXFR gives the SOA, the difference, or the whole zone (RFC 1995 §2, §4)', async (t) => {
  const { responder, records, udp } = world();
  responder.apply(flip(2, '192.0.2.2'));
  responder.apply(flip(3, '192.0.2.3'));
  t.same(records(ixfr(3)).map(shown), ['SOA 3']);
  t.same(records(ixfr(4)).map(shown), ['SOA 3'], 'ahead of us');
  const difference = ['SOA 3', 'SOA 1', 'A 192.0.2.1', 'SOA 3', 'A 192.0.2.3', 'SOA 3'];
  t.same(records(ixfr(1)).map(shown), difference);
  t.equal(records(ixfr(0)).length, 6, 'AXFR: the journal does not reach back');
  t.same(readMessage(udp(ixfr(1), LISTED) ?? Buffer.alloc(0)).answers.map(shown), difference);
  t.match(world().askTcp(query({ type: IXFR }), LISTED), { rcode: 1 }, 'without an SOA');
});

t.test(
  'IXFR over UDP that does not fit gives the SOA alone, which sends the client to TCP (RFC 1995 §2)',
  async (t) => {
    const lines = Array.from({ length: 100 }, (_, i) => `host-${i} 60 A 10.0.0.${i}`);
    const { ask, records } = world({ ...content('example.com', lines.join('\n')), journal: [] });
    const response = ask(ixfr(0), LISTED);
    t.same(response.answers.map(shown), ['SOA 1']);
    t.notOk(response.flags.includes('tc'));
    t.equal(records(ixfr(0)).length, 102);
  },
);

const uint48 = (value: number): Uint8Array =>
  uint16(Math.floor(value / 2 ** 32), (value / 2 ** 16) & 0xffff, value & 0xffff);
const NAME = wireName(KEY.name);
const ALGORITHM = wireName('hmac-sha256');

interface SignOptions {
  readonly secret?: string;
  readonly name?: Uint8Array;
  readonly algorithm?: Uint8Array;
  readonly timeSeconds?: number;
  readonly macOctets?: number;
}

/** A message with a TSIG, made without the code under test (RFC 8945 §4). */
function sign(message: Buffer, options: SignOptions = {}): { signed: Buffer; mac: Buffer } {
  const {
    secret = KEY.secret,
    name = NAME,
    algorithm = ALGORITHM,
    timeSeconds = 1_800_000_000,
    macOctets = 32,
  } = options;
  const timers = Buffer.concat([uint48(timeSeconds), uint16(300)]);
  const variables = Buffer.concat([name, uint16(255, 0, 0), algorithm, timers, uint16(0, 0)]);
  const full = createHmac('sha256', Buffer.from(secret, 'base64')).update(message).update(variables).digest();
  const mac = full.subarray(0, macOctets);
  const rdata = Buffer.concat([algorithm, timers, uint16(mac.length), mac, message.subarray(0, 2), uint16(0, 0)]);
  const signed = Buffer.concat([message, name, uint16(TSIG, 255, 0, 0, rdata.length), rdata]);
  signed.writeUInt16BE(message.readUInt16BE(10) + 1, 10);
  return { signed, mac };
}

/** The TSIG of a response: error, MAC, other data, and what the MAC should be. */
function tsigOf(response: Buffer, requestMac: Buffer, previous: Buffer | null = null) {
  const { data, owner } = readMessage(response).additionals.at(-1) ?? { data: Buffer.alloc(0), owner: '' };
  const start = response.length - data.length - 10 - wireName(owner).length;
  const timersAt = ALGORITHM.length;
  const macOctets = data.readUInt16BE(timersAt + 8);
  const mac = data.subarray(timersAt + 10, timersAt + 10 + macOctets);
  const tail = data.subarray(timersAt + 10 + macOctets);
  const error = tail.readUInt16BE(2);
  const other = tail.subarray(6);
  const timers = data.subarray(timersAt, timersAt + 8);
  const message = Buffer.from(response.subarray(0, start));
  message.writeUInt16BE(message.readUInt16BE(10) - 1, 10);
  const before = previous ?? requestMac;
  const variables = Buffer.concat([
    wireName(owner),
    uint16(255, 0, 0),
    ALGORITHM,
    timers,
    uint16(error, other.length),
    other,
  ]);
  const expected = createHmac('sha256', Buffer.from(KEY.secret, 'base64'))
    .update(Buffer.concat([uint16(before.length), before, message, previous ? timers : variables]))
    .digest();
  return { error, mac, other, timers, isSigned: mac.equals(expected) };
}

t.test('a signed query gets a signed answer, over UDP and TCP (RFC 8945 §5.3)', async (t) => {
  const { udp, tcp } = world();
  const { signed, mac } = sign(query({ type: SOA, opt: {} }));
  for (const response of [udp(signed), tcp(signed)]) {
    if (!response) return t.fail('no response');
    t.match(readMessage(response), { rcode: 0, answers: [{ type: SOA }] });
    t.match(tsigOf(response, mac), { error: 0, isSigned: true });
  }
});

t.test('a listed peer with a key transfers when it uses it; every message is signed (RFC 8945 §5.3.1)', async (t) => {
  const lines = Array.from({ length: 2000 }, (_, i) => `host-${i} 60 A 10.0.${i >> 8}.${i & 255}`);
  const { all } = world({ ...content('example.com', lines.join('\n')), journal: [] });
  const { signed, mac } = sign(query({ type: AXFR }));
  let previous: Buffer | null = null;
  const messages = all(signed, KEYED);
  t.ok(messages.length > 2);
  for (const message of messages) {
    const tsig = tsigOf(message, mac, previous);
    t.match(tsig, { error: 0, isSigned: true });
    previous = tsig.mac;
  }
  t.match(readMessage(all(signed, '192.0.2.68')[0] ?? Buffer.alloc(0)), { rcode: 5 }, 'the key alone is not enough');
});

t.test('what does not verify gets NOTAUTH and the error that says why (RFC 8945 §5.2)', async (t) => {
  const { all, clock } = world();
  const request = query({ type: AXFR });
  const nowSeconds = clock.epochMs / 1000;
  const attempt = (options: SignOptions) => {
    const { signed, mac } = sign(request, options);
    const [response = Buffer.alloc(0)] = all(signed, KEYED);
    const { rcode, answers } = readMessage(response);
    t.same([rcode, answers.length], [9, 0]);
    return tsigOf(response, mac);
  };
  t.match(attempt({ secret: Buffer.alloc(32, 8).toString('base64') }), { error: 16, mac: { length: 0 } }, 'BADSIG');
  t.match(attempt({ name: wireName('other') }), { error: 17, mac: { length: 0 } }, 'BADKEY');
  const badTime = attempt({ timeSeconds: nowSeconds - 301 });
  t.match(badTime, { error: 18, isSigned: true }, 'BADTIME');
  t.same([...badTime.other], [...uint48(nowSeconds)], 'with our time');
  t.same([...badTime.timers.subarray(0, 6)], [...uint48(nowSeconds - 301)], 'beside the client’s');
  t.match(attempt({ macOctets: 16 }), { error: 22, isSigned: true }, 'BADTRUNC');
});

t.test(
  'a TSIG with a MAC of no possible length, or not at the end, is FORMERR (RFC 8945 §5.1, §5.2.2.1)',
  async (t) => {
    const { all } = world();
    const first = (message: Buffer) => readMessage(all(message, KEYED)[0] ?? Buffer.alloc(0));
    t.match(first(sign(query({ type: AXFR }), { macOctets: 9 }).signed), { rcode: 1, additionals: [] });
    const { signed } = sign(query({ type: AXFR }));
    const opt = Buffer.concat([Uint8Array.of(0), uint16(41, 1232, 0, 0, 0)]);
    const behind = Buffer.concat([signed, opt]);
    behind.writeUInt16BE(2, 10);
    t.match(first(behind), { rcode: 1 });
  },
);
