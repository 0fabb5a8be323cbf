/**
 * What happens to the process: its control plane stalls for 2 s, it is stopped for 30 s, and the wall clock jumps an hour
 * forward and back. Proves that none of it moves a record, that a stall loses no query, and that failover works afterwards.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askOnce, BACKUP, type Stage, setStage, until } from '../stage.ts';
import type { Outcome, Scenario } from './scenario.ts';

const FAKETIME = process.env.FAKETIME_LIBRARY ?? '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
/** How a failoverd is started that stalls with SIGUSR2. */
export const STALL = { NODE_OPTIONS: `--import=${new URL('../preload/stall.mjs', import.meta.url)}` };

export const processes: Scenario = {
  name: 'process',
  proves: 'control plane stalled 2 s, process stopped 30 s, wall clock set by an hour: no transition',
  run: async (scale) => [await stall(3), await stopped(Math.max(3, 30 * scale)), await jump(Math.max(8, 20 * scale))],
};

export async function stall(times: number): Promise<Outcome> {
  const stage = await setStage({ env: STALL });
  const before = stage.rows().length;
  const loading = stage.load(2_000, 4 * times + 2);
  for (let n = 0; n < times; n++) {
    await sleep(1_000);
    const from = stage.served().lines.length;
    stage.served().process.kill('SIGUSR2');
    await stage.served().line(/"stall":"ends"/, from);
  }
  const { sent, lost, latencyUs } = await loading;
  await sleep(3_000);
  const transitions = stage.rows().length - before;
  const failover = await failsOver(stage);
  await stage.close();
  return {
    kept: lost + transitions === 0,
    seen: `control plane stalled ${times === 1 ? 'once' : `${times} times`} for 2 s: ${sent} queries, ${lost} lost, p99 ${(latencyUs.p99 / 1000).toFixed(1)} ms; ${transitions} transitions; ${failover}`,
  };
}

async function stopped(seconds: number): Promise<Outcome> {
  const stage = await setStage();
  const before = stage.rows().length;
  stage.served().process.kill('SIGSTOP');
  await sleep(seconds * 1_000);
  const goesOnMs = performance.now();
  stage.served().process.kill('SIGCONT');
  await until('an answer', async () => (await askOnce(stage.dnsPort)) !== null);
  const answeredMs = performance.now() - goesOnMs;
  await sleep(6_000);
  const transitions = stage.rows().length - before;
  const failover = await failsOver(stage);
  await stage.close();
  return {
    kept: transitions === 0,
    seen: `stopped for ${seconds} s: answers ${Math.round(answeredMs)} ms after it goes on; ${transitions} transitions; ${failover}`,
  };
}

async function jump(seconds: number): Promise<Outcome> {
  if (!existsSync(FAKETIME)) return { kept: true, seen: 'clock jumps: not played, libfaketime is not installed' };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'failoverd-time-'));
  const file = path.join(folder, 'now');
  writeFileSync(file, '+0');
  const env = {
    LD_PRELOAD: FAKETIME,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  const stage = await setStage({ env });
  const before = stage.rows().length;
  const loading = stage.load(2_000, Math.ceil(3 * seconds));
  const shown: string[] = [];
  for (const offset of ['+3600', '-3600', '+0']) {
    writeFileSync(file, offset);
    await sleep(seconds * 1_000 - 500);
    const { records } = await stage.status();
    const at = records[0]?.targets[0]?.endpoints[0]?.lastProbe?.at ?? '';
    shown.push(`${Math.round((Date.parse(at) - Date.now()) / 60_000)} min`);
  }
  const { sent, lost } = await loading;
  const transitions = stage.rows().length - before;
  const failover = await failsOver(stage);
  await stage.close();
  rmSync(folder, { recursive: true });
  return {
    kept: lost + transitions === 0 && shown[0] === '60 min' && shown[1] === '-60 min',
    seen: `wall clock set to +1 h, -1 h and back (probes go on and are noted at ${shown.join(', ')}): ${sent} queries, ${lost} lost; ${transitions} transitions; ${failover}`,
  };
}

/** What comes of a primary that fails afterwards. */
async function failsOver(stage: Stage): Promise<string> {
  stage.fail('primary', true);
  const ms = await until('the failover', async () => (await askOnce(stage.dnsPort)) === BACKUP);
  return `a failover afterwards took ${(ms / 1000).toFixed(1)} s`;
}
