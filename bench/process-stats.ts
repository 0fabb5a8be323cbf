/** What Linux says about CPU time, in seconds: of a process with its children, and of the whole machine. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ, which is 100 on every architecture that Node runs on

function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const parent = Number(statFields(Number(entry))[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {} // it has ended meanwhile
  }
  return children;
}

/** The process and all its descendants. */
export function processTree(pid: number): number[] {
  const children = childrenByParent();
  const tree = [pid];
  for (const parent of tree) tree.push(...(children.get(parent) ?? []));
  return tree;
}

/** User and system time of the process and its descendants, all threads. */
export function cpuSeconds(pid: number): { user: number; system: number } {
  let user = 0;
  let system = 0;
  for (const member of processTree(pid)) {
    const fields = statFields(member);
    user += Number(fields[11]) / TICKS_PER_SECOND;
    system += Number(fields[12]) / TICKS_PER_SECOND;
  }
  return { user, system };
}

/** Time that all CPUs were busy, whoever kept them so; the hypervisor's share (steal) counts. */
export function busySeconds(): number {
  const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'latin1')
    .split('\n', 1)
    .join()
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (
    [user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) / TICKS_PER_SECOND
  );
}

export function residentMib(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kib ?? 0) / 1024;
}
