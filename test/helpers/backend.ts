/** A real web server in a process of its own, so that a test can kill, stop and replace it as an outage does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const SERVER = `
const http = require('node:http');
const server = http.createServer((request, response) => response.end('ok\\n'));
process.stdin.on('end', () => process.exit()).resume(); // the test that started it is gone
server.listen(Number(process.argv[2]), process.argv[1], () => console.log(server.address().port));
`;

export interface Backend {
  readonly host: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Sends a signal: SIGKILL ends it, SIGSTOP lets it accept and never reply. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it and waits until it is gone. */
  kill(): Promise<void>;
}

/**
 * @param port 0: one that the kernel chooses
 * @param within a command line that runs what follows it: `ip netns exec …`
 */
export async function startBackend(host: string, port = 0, within: readonly string[] = []): Promise<Backend> {
  const [program = '', ...args] = [...within, process.execPath, '-e', SERVER, host, `${port}`];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    host,
    port: Number(line.toString()),
    process: child,
    signal: (signal) => child.kill(signal),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
