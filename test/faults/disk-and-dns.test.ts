/**
 * The disk is full, and then the database is deleted, while a load generator asks. Proves that no query is lost, that failover
 * goes on, that the alarm is up in time, and that every answer that was seen has its row afterwards. `npm run faults` does
 * more of it, for longer.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { suffer } from './long/disk.ts';
import { cannotLoad } from './stage.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'failoverd-try-'));
const isPermitted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status === 0;
if (isPermitted) spawnSync('umount', [folder]);
rmSync(folder, { recursive: true });
const skip = isPermitted ? cannotLoad : 'mounting is not permitted here';

for (const name of ['disk full', 'deleted']) {
  t.test(`${name}: DNS does not notice`, { skip }, async (t) => {
    const { kept, seen } = await suffer(name, 6);
    t.ok(kept, seen);
  });
}
