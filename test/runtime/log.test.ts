import t from 'tap';
import { createLog, type LogOptions } from '../../src/runtime/log.ts';
import type { Log } from '../../src/runtime/ports.ts';

function logged(options: Partial<LogOptions>, use: (log: Log) => void): string {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  use(createLog({ level: 'info', format: 'pretty', hasColour: false, ...options }, destination));
  return lines.join('');
}

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z/;

t.test('createLog() writes JSON lines with UTC times, level names and the fields as they are', async (t) => {
  const text = logged({ format: 'json' }, (log) => log.info({ transition: { to: 'backup' } }, 'app failover'));
  t.equal(text.split('\n').length, 2);
  const { time, ...rest } = JSON.parse(text);
  t.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  t.same(rest, { level: 'info', transition: { to: 'backup' }, msg: 'app failover' });
});

t.test('createLog() writes an error with its stack as JSON', async (t) => {
  const text = logged({ format: 'json' }, (log) =>
    log.error({ err: new TypeError('no such thing') }, 'a request failed'),
  );
  t.match(JSON.parse(text), { err: { type: 'TypeError', message: 'no such thing', stack: /log\.test\.ts/ } });
});

t.test('createLog() leaves out what is below its level', async (t) => {
  const all = (log: Log) => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]({}, `a ${level}`);
  };
  const levels = (text: string) => text.match(/(?<=a )\w+/g);
  t.same(levels(logged({ level: 'debug' }, all)), ['debug', 'info', 'warn', 'error']);
  t.same(levels(logged({ level: 'warn' }, all)), ['warn', 'error']);
});

t.test('createLog() writes for people: the message, then plain fields; what is nested is in the message', async (t) => {
  const text = logged({}, (log) => log.warn({ signal: 'SIGTERM', count: 2, none: null, nested: { a: 1 } }, 'stopping'));
  t.match(text, TIME);
  t.equal(text.replace(TIME, ''), '  warn   stopping  signal=SIGTERM count=2 none=null\n');
});

t.test('createLog() shows people the message of an error, and its stack at debug only', async (t) => {
  const fail = (log: Log) => log.error({ err: new Error('disk full') }, 'not written');
  t.match(logged({}, fail), / {2}error {2}not written {2}disk full\n$/);
  t.match(logged({ level: 'debug' }, fail), / {2}not written {2}disk full\nError: disk full\n {4}at .*log\.test\.ts/);
});

t.test('createLog() paints for people', async (t) => {
  const text = logged({ hasColour: true }, (log) => log.warn({}, 'x'));
  t.equal(text.slice(text.indexOf('Z')), 'Z\u001b[22m  \u001b[33mwarn \u001b[39m  x\n');
});
