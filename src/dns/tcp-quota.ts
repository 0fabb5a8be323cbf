/**
 * How many TCP connections there are, in total and by client, over all workers. Each worker writes only its own row of
 * shared memory and everybody reads all rows, so that a worker that died leaves nothing behind but a row to clear.
 *
 * A client is counted in two buckets that its address is hashed into, with a secret; the smaller of both is its count. It is
 * never too low, and too high only for one who shares both buckets with others.
 */
import { hash, randomBytes } from 'node:crypto';

const SEED_WORDS = 4;
const ROWS_USED = SEED_WORDS;
const FIRST_ROW = SEED_WORDS + 1;
const BUCKETS = 1024;
const ROW_WORDS = 1 + 2 * BUCKETS;
const MAX_ROWS = 512;

/** The rows of all workers, made by the pool and handed to each of them. */
export type QuotaMemory = Int32Array<SharedArrayBuffer>;

export function createQuotaMemory(): QuotaMemory {
  const memory = new Int32Array(new SharedArrayBuffer(4 * (FIRST_ROW + MAX_ROWS * ROW_WORDS)));
  new Uint8Array(memory.buffer).set(randomBytes(4 * SEED_WORDS));
  return memory;
}

/** To be called before a worker gets the row, and so after the one before it has ended. */
export function clearRow(memory: QuotaMemory, row: number): void {
  if (row >= MAX_ROWS) throw new RangeError(`no row ${row} for a worker's TCP connections`);
  const start = FIRST_ROW + row * ROW_WORDS;
  memory.fill(0, start, start + ROW_WORDS);
  Atomics.store(memory, ROWS_USED, Math.max(Atomics.load(memory, ROWS_USED), row + 1));
}

export interface Quota {
  /** Connections of all workers. */
  total(): number;
  /** Connections of this client to all workers. */
  ofClient(client: Buffer): number;
  add(client: Buffer): void;
  remove(client: Buffer): void;
}

export function createQuota(memory: QuotaMemory, row: number): Quota {
  const seed = Buffer.from(new Uint8Array(memory.buffer, 0, 4 * SEED_WORDS));

  const bucketsOf = (client: Buffer): readonly [number, number] => {
    const digest = hash('sha1', Buffer.concat([seed, client]), 'buffer');
    return [1 + (digest.readUInt16LE(0) % BUCKETS), 1 + BUCKETS + (digest.readUInt16LE(2) % BUCKETS)];
  };
  const sum = (word: number): number => {
    const rows = Atomics.load(memory, ROWS_USED);
    let total = 0;
    for (let at = 0; at < rows; at++) total += Atomics.load(memory, FIRST_ROW + at * ROW_WORDS + word);
    return total;
  };
  const change = (client: Buffer, by: number): void => {
    for (const word of [0, ...bucketsOf(client)]) Atomics.add(memory, FIRST_ROW + row * ROW_WORDS + word, by);
  };

  return {
    total: () => sum(0),
    ofClient: (client) => Math.min(...bucketsOf(client).map(sum)),
    add: (client) => change(client, 1),
    remove: (client) => change(client, -1),
  };
}
