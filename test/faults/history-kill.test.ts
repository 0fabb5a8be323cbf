/**
 * kill -9 between and within commits, again and again on the same database.
 * Proves that every transition that was confirmed is in the table, once and in order, and that the next start restores
 * the last of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { readHistory } from '../../src/history/queries.ts';

const PROGRAM = path.join(import.meta.dirname, 'history-process.ts');
/** FAULT_RUNS=300 looks for what is rare; it takes minutes. */
const ROUNDS = Number(process.env.FAULT_RUNS ?? 8);

function start(file: string, first: number): ChildProcess {
  return spawn(process.execPath, [PROGRAM, file, String(first), '100000'], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Lets it commit some and kills it in the middle of it. @returns what it had restored, and what was confirmed */
async function killAfter(
  child: ChildProcess,
  confirmations: number,
): Promise<{ restored: string; confirmed: number[] }> {
  const confirmed: number[] = [];
  let restored = '';
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  lines.on('line', (line) => {
    if (line.startsWith('restored')) restored = line;
    else confirmed.push(Number(line));
    if (confirmed.length >= confirmations) child.kill('SIGKILL');
  });
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return { restored, confirmed };
}

t.test('kill -9 at any moment loses no confirmed transition and writes none twice', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const confirmed: number[] = [];
  let inTable: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const result = await killAfter(start(file, (inTable.at(-1) ?? 0) + 1), 1 + (round % 10) * 3);
    t.equal(result.restored, `restored ${inTable.at(-1) ?? 'nothing'}`, 'what the table holds last is restored');
    confirmed.push(...result.confirmed);
    const read = readHistory(file, (reader) => reader.transitions({ limit: 100_000 }));
    if (!read.ok) throw new Error(read.reason);
    inTable = read.value.map(({ serial }) => serial).reverse();
  }
  t.same(
    inTable,
    inTable.map((_, index) => index + 1),
    'in order, none twice',
  );
  t.same(
    confirmed.filter((serial) => !inTable.includes(serial)),
    [],
    `all ${confirmed.length} confirmed ones are there`,
  );
});
