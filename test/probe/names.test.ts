import t from 'tap';
import { Names, type Resolve } from '../../src/probe/names.ts';
import { FakeClock } from './fake-clock.ts';

type Answer = Parameters<Resolve>[1];

function setup() {
  const clock = new FakeClock();
  const asked: { name: string; answer: Answer }[] = [];
  const names = new Names(clock, (name, answer) => asked.push({ name, answer }));
  const got: (string | null)[] = [];
  const ask = () => names.address('one.example', (error, found) => got.push(error?.message ?? found?.address ?? null));
  return { clock, asked, names, got, ask };
}

t.test('Names gives an address back as it is', (t) => {
  const { names, asked } = setup();
  names.address('2001:db8::1', (error, found) => t.same([error, found], [null, { address: '2001:db8::1', family: 6 }]));
  t.equal(asked.length, 0);
  t.end();
});

t.test('Names asks once for all who wait', (t) => {
  const { asked, got, ask } = setup();
  for (let times = 0; times < 100; times++) ask();
  t.equal(asked.length, 1, 'however long the resolver hangs');
  asked[0]?.answer(null, '192.0.2.1', 4);
  t.same(got, Array(100).fill('192.0.2.1'));
  t.end();
});

t.test('Names keeps what it knows while the resolver is away', (t) => {
  const { clock, asked, got, ask } = setup();
  ask();
  asked[0]?.answer(null, '192.0.2.1', 4);
  clock.advance(299_000);
  ask();
  t.equal(asked.length, 1, 'young enough');
  clock.advance(1_000);
  ask();
  ask();
  t.equal(asked.length, 2, 'refreshed behind the answer');
  t.same(got, Array(4).fill('192.0.2.1'));
  asked[1]?.answer(new Error('EAI_AGAIN'), '', 0);
  clock.advance(300_000);
  ask();
  t.equal(got.at(-1), '192.0.2.1');
  asked[2]?.answer(null, '192.0.2.2', 4);
  ask();
  t.equal(got.at(-1), '192.0.2.2');
  t.end();
});

t.test('Names says when a name has no address, and asks again', (t) => {
  const { asked, got, ask } = setup();
  ask();
  asked[0]?.answer(new Error('ENOTFOUND'), '', 0);
  ask();
  t.equal(asked.length, 2);
  t.same(got, ['ENOTFOUND']);
  t.end();
});
