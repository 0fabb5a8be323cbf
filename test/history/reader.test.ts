import { renameSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { openForWriting } from '../../src/history/database.ts';
import { createHistoryReader } from '../../src/history/reader.ts';
import { createWriter } from '../../src/history/writer.ts';
import { commitEntry, RECORD } from './helpers.ts';

function make(file: string, serials: readonly number[]): void {
  const opened = openForWriting(file);
  if (opened.kind !== 'open') throw new Error(opened.reason);
  const entries = serials.map((seq) => ({ ...commitEntry(seq), seq }));
  createWriter(opened.db).commit('run', entries, null, 0);
  opened.db.close();
}

t.test('createHistoryReader() answers each question from the file that lies at the path', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const reader = createHistoryReader(file);
  t.teardown(() => reader.close());
  t.same(await reader.transitions({ limit: 9 }), { ok: false, reason: `${file}: there is no database yet` });
  make(file, [1, 2, 3]);
  const [all, one, none, probes] = await Promise.all([
    reader.transitions({ record: RECORD, limit: 9 }),
    reader.transition(2),
    reader.transition(99),
    reader.probes({ limit: 9 }),
  ]);
  t.match(all, { ok: true, value: [{ id: 3 }, { id: 2 }, { id: 1 }] });
  t.match(one, { ok: true, value: { id: 2, serial: 2 } });
  t.same(
    [none, probes],
    [
      { ok: true, value: null },
      { ok: true, value: [] },
    ],
  );
  renameSync(file, `${file}.aside`);
  make(file, [7]);
  t.match(await reader.transitions({ limit: 9 }), { ok: true, value: [{ serial: 7 }] });
});

t.test('createHistoryReader() lets only so many questions wait', async (t) => {
  const reader = createHistoryReader(path.join(t.testdir(), 'failoverd.db'));
  t.teardown(() => reader.close());
  const answers = await Promise.all(Array.from({ length: 70 }, () => reader.transition(1)));
  const refused = answers.filter((answer) => !answer.ok && answer.reason === 'too many questions wait for the disk');
  t.equal(refused.length, 6);
});

t.test('close() settles every question, and those that come later', async (t) => {
  const reader = createHistoryReader(path.join(t.testdir(), 'failoverd.db'));
  const early = reader.transition(1);
  await reader.close();
  t.match(await early, { ok: false });
  t.same(await reader.transition(1), { ok: false, reason: 'the history is closed' });
});
