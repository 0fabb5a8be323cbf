import t from 'tap';
import { expectation } from '../../src/probe/expectation.ts';

const of = (text: string) => Buffer.from(text);

t.test('expectation() without one is always met', (t) => {
  t.equal(expectation(null)(of('')), null);
  t.end();
});

t.test('expectation() finds a text anywhere, byte by byte', (t) => {
  const expect = expectation({ kind: 'text', text: 'zürich' });
  t.equal(expect(of('in zürich')), null);
  t.match(expect(of('in Zürich')), { reason: 'body', detail: 'expected text not in 10 bytes' });
  t.match(expect(Buffer.from('in zürich', 'latin1')), { reason: 'body' });
  t.end();
});

t.test('expectation() takes all of the syntax and the flags of JavaScript', (t) => {
  const met = (source: string, flags: string, text: string) =>
    expectation({ kind: 'pattern', source, flags })(of(text)) === null;
  t.ok(met('^ok$', 'im', 'first\nOK\nlast'));
  t.ok(met('(?<=status: )(up|ok)(?! not)', '', 'status: up'));
  t.ok(met('^(.)\\1$', 'u', '🐟🐟'));
  t.notOk(met('^ok$', '', 'not ok'));
  t.end();
});

t.test('expectation() judges each body anew, also with a pattern that would remember where it stopped', (t) => {
  for (const flags of ['g', 'y']) {
    const expect = expectation({ kind: 'pattern', source: 'ok', flags });
    t.equal(expect(of('ok')), null);
    t.equal(expect(of('ok')), null);
  }
  t.end();
});

t.test('expectation() cannot be stalled by a pattern that backtracks for ever', (t) => {
  const expect = expectation({ kind: 'pattern', source: '^(a+)+$', flags: '' });
  const before = process.threadCpuUsage();
  const outcome = expect(of(`${'a'.repeat(60_000)}!`));
  const { user, system } = process.threadCpuUsage(before);
  t.match(outcome, { outcome: /fail|inconclusive/ }, 'the latter on a busy machine');
  t.ok(user + system < 600_000, `${user + system} µs of CPU`);
  t.equal(expect(of('aaa')), null, 'and works on with the next body');
  t.end();
});

t.test('expectation() throws for a pattern that is none', (t) => {
  t.throws(() => expectation({ kind: 'pattern', source: '(', flags: '' }), SyntaxError);
  t.end();
});
