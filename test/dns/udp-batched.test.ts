/** What a thread asks of the scheduler; the contract of the sockets is in udp-socket.test.ts. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import type { WorkerData } from '../../src/dns/protocol.ts';
import { batchedAvailable } from '../../src/dns/udp-batched.ts';
import { startPlane } from '../helpers/data-plane.ts';
import { planeOptions } from '../helpers/dns-zone.ts';

const WORKER = new URL('../../src/dns/worker.ts', import.meta.url);
const MODULE = new URL('../../src/dns/udp-batched.ts', import.meta.url).href;

function whyNoSlices(): string | false {
  const [major = 0, minor = 0] = os.release().split('.').map(Number);
  if (!batchedAvailable().available) return 'there is no addon';
  if (100 * major + minor < 612 || !existsSync('/proc/self/sched'))
    return 'this kernel has no slices, or does not show them';
  return /^Seccomp:\s+0$/m.test(readFileSync('/proc/self/status', 'utf8')) ? false : 'system calls are filtered here';
}

/** The slice of each thread of this process that has this name, or has another, in nanoseconds. */
function slices(isWanted: (name: string) => boolean): string[] {
  return readdirSync('/proc/self/task')
    .filter((thread) => isWanted(readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()))
    .map((thread) => /se\.slice\s*:\s*(\d+)/.exec(readFileSync(`/proc/self/task/${thread}/sched`, 'utf8'))?.[1] ?? '');
}

t.test(
  'DNS workers on batched sockets have the shortest slice, and no other thread',
  { skip: whyNoSlices() },
  async (t) => {
    const { dns } = planeOptions();
    const name = 'failoverd dns';
    const spawnWorker = (workerData: WorkerData) => new Worker(WORKER, { workerData, execArgv: [], name });
    await startPlane(t, { workers: 2, dns: { ...dns, sockets: 'batched' } }, { spawnWorker });
    t.same(
      slices((thread) => thread === name),
      ['100000', '100000'],
    );
    t.notOk(slices((thread) => thread !== name).includes('100000'));
  },
);

/** Asks for a short slice in a process of its own, which this command starts. @returns whether it was granted, and the nice value */
function ask(...command: readonly string[]): string {
  const script = `import { preferLatency } from '${MODULE}'; import os from 'node:os'; console.log(preferLatency(), os.getPriority())`;
  const [file = '', ...args] = [...command, process.execPath, '--input-type=module', '-e', script];
  return execFileSync(file, args, { encoding: 'utf8' }).trim();
}

t.test('preferLatency() leaves the nice value as it is', { skip: whyNoSlices() }, async (t) => {
  t.equal(ask('nice', '-n', '3'), `true ${Math.min(os.getPriority() + 3, 19)}`);
});

t.test('preferLatency() leaves a thread alone whose policy somebody has chosen', { skip: whyNoSlices() }, async (t) => {
  t.match(ask('chrt', '--batch', '0'), /^false /);
});
