/**
 * What happens to the prober's own network: its uplink is cut for 10 minutes, and loses half of all packets for 5 minutes.
 * failoverd, with two witnesses, runs in a network namespace; the servers and the witnesses are in another one behind a
 * cable. Proves that no record moves, that a blind prober says so, and that failover works afterwards.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Outcome, Scenario } from './scenario.ts';

export const network: Scenario = {
  name: 'network',
  proves: 'uplink cut for 10 minutes, half of all packets lost for 5: no wrong transition',
  async run(scale, say) {
    const cut = await playNetwork('cut', 600 * scale);
    say(cut.seen);
    return [cut, await playNetwork('loss', 300 * scale)];
  },
};

/** @throws where namespaces are not permitted. */
export async function playNetwork(what: 'cut' | 'loss', seconds: number): Promise<Outcome> {
  const [inside, outside] = [`fo-in-${process.pid}`, `fo-out-${process.pid}`];
  try {
    build(inside, outside);
    const program = new URL('./network-inside.ts', import.meta.url).pathname;
    const args = ['netns', 'exec', inside, process.execPath, program, outside, what, String(Math.round(seconds))];
    const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let last = '';
    createInterface({ input: child.stdout }).on('line', (line) => {
      last = line;
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`the scenario inside ended with ${code}`);
    return JSON.parse(last);
  } finally {
    for (const namespace of [inside, outside]) spawnSync('ip', ['netns', 'delete', namespace]);
  }
}

/** Two namespaces and a cable between them. */
function build(inside: string, outside: string): void {
  for (const namespace of [inside, outside]) {
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
  }
  ip('-n', inside, 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1', 'netns', outside);
  ip('-n', inside, 'address', 'add', '10.98.0.1/24', 'dev', 'up0');
  for (const host of [2, 3, 4, 5]) ip('-n', outside, 'address', 'add', `10.98.0.${host}/24`, 'dev', 'up1');
  ip('-n', inside, 'link', 'set', 'up0', 'up');
  ip('-n', outside, 'link', 'set', 'up1', 'up');
}

export function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
