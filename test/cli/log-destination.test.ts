/** What a log reader that stops reading does to the process: nothing. The process under test is log-flood.ts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';

const LINES = 20_000;

function flood(mode: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'log-flood.ts'), String(LINES), mode], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = child;
  if (!stdout) throw new Error('the child has no standard output');
  return { child, stdout };
}

t.test(
  'openLogDestination() waits for no reader, says how many lines were lost, and keeps the others in order',
  async (t) => {
    const { child, stdout } = flood('serve');
    t.same(await once(child, 'message').then(([message]) => message), { isLoopAlive: true });
    child.send('close');
    const lines = (await text(stdout)).trimEnd().split('\n');
    const numbers = lines.filter((line) => line.startsWith('line ')).map((line) => Number(line.slice(5)));
    t.same(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
    const lost = lines.filter((line) => line.startsWith('lost ')).map((line) => Number(line.slice(5)));
    t.ok(numbers.length > 1000 && lost.length > 0, 'some were written, some lost');
    t.equal(numbers.length + lost.reduce((sum, n) => sum + n, 0), LINES);
  },
);

t.test('openLogDestination() lets the process end although nobody reads', async (t) => {
  const { child } = flood('end');
  t.same(await once(child, 'exit'), [0, null]);
});

t.test('openLogDestination() goes on when its reader has gone', async (t) => {
  const { child, stdout } = flood('serve');
  stdout.destroy();
  t.same(await once(child, 'message').then(([message]) => message), { isLoopAlive: true });
  child.send('close');
  t.same(await once(child, 'exit'), [0, null]);
});
