/**
 * What can happen to a database while queries come in: the disk is full, every write is refused, the kernel remounts the file
 * system read-only, the database is deleted, locked for a minute by another process, truncated, overwritten with garbage. Proves that DNS does not
 * notice: no query lost, the p99 of before; that failover goes on, the alarm is up within 5 s, and all rows are there afterwards.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readHistory } from '../../../src/history/queries.ts';
import { lock } from '../kill-on-the-wire.ts';
import { type Row, type Stage, setStage, unexplained, until, watchWire } from '../stage.ts';
import { type DiskFault, diskFault } from './disk-fault.ts';
import { mountExt4 } from './ext4.ts';
import type { Outcome, Scenario } from './scenario.ts';

const QUERIES_PER_SECOND = 2_000;
const ALARM_WITHIN_MS = 5_000;
/** A file that is damaged or gone is replaced before the alarm's grace is over. */
const HEALS_WITHIN_MS = 3_000;

interface Fault {
  readonly name: string;
  readonly seconds: number;
  /** Whether commits must fail meanwhile, so that the alarm must rise. */
  readonly alarms: boolean;
  /** @returns what ends it */
  begin(stage: Stage, disk: DiskFault): Promise<() => unknown> | (() => unknown);
}

/** On a file system that the kernel itself takes the writes from: nothing but another one in its place brings them back. */
const REMOUNTED = { name: 'remounted read-only by the kernel', seconds: 45 };

const FAULTS: readonly Fault[] = [
  { name: 'disk full', seconds: 15, alarms: true, begin: ({ directory }) => fill(path.join(directory, 'ballast')) },
  {
    name: 'every write refused',
    seconds: 15,
    alarms: true,
    begin(_stage, disk) {
      disk.readOnly();
      return disk.end;
    },
  },
  { name: 'locked for 60 s', seconds: 60, alarms: true, begin: ({ database }) => lock(database) },
  {
    name: 'deleted',
    seconds: 10,
    alarms: false,
    begin({ database }) {
      rmSync(database);
      return () => {};
    },
  },
  {
    name: 'truncated',
    seconds: 10,
    alarms: false,
    begin({ database }) {
      truncateSync(database, Math.floor(statSync(database).size / 2));
      return () => {};
    },
  },
  {
    name: 'garbage',
    seconds: 10,
    alarms: false,
    begin({ database }) {
      const file = openSync(database, 'r+');
      writeSync(file, Buffer.alloc(statSync(database).size, 'garbage '));
      return () => {};
    },
  },
];

export const disk: Scenario = {
  name: 'disk',
  proves: 'whatever happens to the database, DNS does not notice, failover goes on, and all rows are there afterwards',
  async run(scale, say) {
    const outcomes: Outcome[] = [];
    for (const fault of FAULTS) {
      outcomes.push(await suffer(fault.name, Math.max(8, fault.seconds * scale)));
      say(outcomes.at(-1)?.seen ?? '');
    }
    return [...outcomes, await sufferRemount(Math.max(8, REMOUNTED.seconds * scale))];
  },
};

/** Lets one of the faults happen, for so long. @throws where mounting is not permitted. */
export async function suffer(name: string, seconds: number): Promise<Outcome> {
  const fault = FAULTS.find((each) => each.name === name);
  if (!fault) throw new Error(`there is no fault ${name}`);
  const directory = mkdtempSync(path.join(os.tmpdir(), 'failoverd-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', directory]).status !== 0)
    throw new Error('mounting is not permitted');
  const faults = diskFault();
  const stage = await setStage({ directory, env: faults.env });
  try {
    return await measure({ ...fault, seconds }, stage, faults);
  } finally {
    await stage.close();
    spawnSync('umount', ['--lazy', directory]);
    rmSync(directory, { recursive: true, force: true });
    faults.clear();
  }
}

/** The database's ext4 is remounted read-only, and in the end another file system is mounted over it. */
export async function sufferRemount(seconds: number): Promise<Outcome> {
  const { name } = REMOUNTED;
  const directory = mkdtempSync(path.join(os.tmpdir(), 'failoverd-disk-'));
  const ext4 = mountExt4(directory);
  if (typeof ext4 === 'string') return { kept: true, seen: `${name}: skipped, ${ext4}` };
  const faults = diskFault();
  const stage = await setStage({ directory });
  try {
    const begin = (): (() => void) => {
      ext4.fail();
      return ext4.mountOver;
    };
    return await measure({ name, seconds, alarms: true, begin }, stage, faults);
  } finally {
    await stage.close();
    ext4.clear();
    rmSync(directory, { recursive: true, force: true });
    faults.clear();
  }
}

async function measure(fault: Fault, stage: Stage, faults: DiskFault): Promise<Outcome> {
  const witness = watchWire(stage.dnsPort, 5);
  const baseline = await stage.load(QUERIES_PER_SECOND, Math.min(15, fault.seconds));
  const loading = stage.load(QUERIES_PER_SECOND, Math.ceil(fault.seconds) + 12);
  await sleep(1_000);
  const end = await fault.begin(stage, faults);
  const startedMs = performance.now();
  const alarmMs = await alarmWithin(stage, fault.alarms ? 10_000 : HEALS_WITHIN_MS);
  const flipMs: number[] = [];
  for (const target of ['backup', 'primary', 'backup'] as const) {
    const orderedMs = performance.now();
    await stage.switchTo(target);
    await witness.sees(target);
    flipMs.push(performance.now() - orderedMs);
    await sleep(1_000);
  }
  await sleep(Math.max(0, fault.seconds * 1_000 - (performance.now() - startedMs)));
  await end();
  const healedMs = await until('the history works again', async () => (await stage.status()).history.status === 'ok');
  await sleep(1_500);
  const load = await loading;
  await stage.served().stop('SIGTERM');
  await witness.stop();
  const missing = unexplained(witness.seen, rowsEverywhere(stage.directory)).length;
  const lost = load.lost;
  const p99 = (us: number): string => `${(us / 1000).toFixed(1)} ms`;
  const alarm = alarmMs === null ? 'no alarm' : `alarm after ${(alarmMs / 1000).toFixed(1)} s`;
  return {
    kept: lost === 0 && missing === 0 && (!fault.alarms || (alarmMs ?? Number.POSITIVE_INFINITY) < ALARM_WITHIN_MS),
    seen: `${fault.name}: ${load.sent} queries, ${lost} lost; p99 ${p99(baseline.latencyUs.p99)} before, ${p99(load.latencyUs.p99)} meanwhile; ${alarm}; transitions answered within ${Math.round(Math.max(...flipMs))} ms; works again ${(healedMs / 1000).toFixed(1)} s after its end; ${missing} of ${witness.seen.length} answers without a row`,
  };
}

/** @returns null when it does not rise */
async function alarmWithin(stage: Stage, ms: number): Promise<number | null> {
  const isUp = async (): Promise<boolean> => (await stage.status()).alarms.some(({ name }) => /^history_/.test(name));
  return until('the alarm', isUp, ms).catch(() => null);
}

/** Also those of a database that was set aside. */
function rowsEverywhere(directory: string): readonly Row[] {
  const files = readdirSync(directory).filter((name) => /^failoverd\.db(\.damaged-[^-]*)?$/.test(name));
  return files.flatMap((name) => {
    const read = readHistory(path.join(directory, name), (reader) => reader.transitions({ limit: 100_000 }));
    return read.ok ? read.value : [];
  });
}

/** Takes all the room that is left. */
function fill(file: string): () => void {
  for (const size of [65_536, 4_096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if (!String(error).includes('ENOSPC')) throw error;
    }
  }
  return () => rmSync(file);
}
