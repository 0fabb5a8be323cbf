import path from 'node:path';
import t from 'tap';
import { createThread } from '../../src/history/thread.ts';

t.test('a question after close() gets a fault, and brings no thread back', async (t) => {
  const thread = createThread({ file: path.join(t.testdir(), 'failoverd.db'), run: 'a run' });
  t.match(await thread.ask<'open'>({ kind: 'open', nowEpochMs: 0 }), { ok: true });
  const closed = thread.close();
  const late = await thread.ask<'open'>({ kind: 'open', nowEpochMs: 0 });
  await closed;
  t.match(late, { ok: false, fault: { kind: 'trouble' } });
  t.match(await thread.ask<'open'>({ kind: 'open', nowEpochMs: 0 }), {
    ok: false,
    fault: { reason: 'the history is closed' },
  });
  t.equal(thread.restarts, 0);
});
