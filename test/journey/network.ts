/** An internet of network namespaces: each host is one, with its own addresses, and one bridge joins them. Needs root. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Why there can be none here; null when there can: it makes a small one. */
export async function networkMissing(): Promise<string | null> {
  let network: Network | null = null;
  try {
    network = new Network('ft');
    network.addHost('198.18.0.1').vanish(53);
    return null;
  } catch (error) {
    return `no network namespaces: ${(error as Error).message.trim()}`;
  } finally {
    await network?.close();
  }
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/** One machine of the network. */
export class Host {
  readonly namespace: string;
  readonly #children = new Set<ChildProcess>();

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** Starts a program on this host. It ends with the network at the latest. */
  spawn(command: readonly string[], options: SpawnOptions = {}): ChildProcess {
    // tap puts its own NODE_OPTIONS into what a test spawns.
    const args = ['netns', 'exec', this.namespace, 'env', '-u', 'NODE_OPTIONS', ...command];
    const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** What a short command prints on this host. */
  output(...command: readonly string[]): string {
    const { stdout } = spawnSync('ip', ['netns', 'exec', this.namespace, ...command], { encoding: 'utf8' });
    return stdout.trim();
  }

  /** Packets to this port of this host vanish, and nobody is told: the host is away. */
  vanish(port: number): void {
    for (const protocol of ['udp', 'tcp']) this.#rule('-I', protocol, port);
  }

  /** The host is back. */
  reappear(port: number): void {
    for (const protocol of ['udp', 'tcp']) this.#rule('-D', protocol, port);
  }

  #rule(action: '-I' | '-D', protocol: string, port: number): void {
    const rule = ['INPUT', '-p', protocol, '--dport', `${port}`, '-j', 'DROP'];
    run('ip', 'netns', 'exec', this.namespace, 'iptables', '-w', action, ...rule);
  }

  /** Ends what runs on it, and waits until it is gone. */
  async clear(): Promise<void> {
    await Promise.all([...this.#children].map(kill));
  }
}

/** Kills it and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

export class Network {
  readonly #prefix: string;
  readonly #hosts: Host[] = [];

  /** @param name at most 4 characters, for it is part of the names of interfaces. */
  constructor(name: string) {
    this.#prefix = `${name}${process.pid}`;
    run('ip', 'netns', 'add', this.#hub);
    try {
      run('ip', '-n', this.#hub, 'link', 'add', 'bridge', 'type', 'bridge', 'forward_delay', '0');
      run('ip', '-n', this.#hub, 'link', 'set', 'bridge', 'up');
    } catch (error) {
      run('ip', 'netns', 'delete', this.#hub);
      throw error;
    }
  }

  get #hub(): string {
    return `${this.#prefix}-hub`;
  }

  /** @param addresses IPv4, each within 198.18.0.0/16 (RFC 2544: for tests only). */
  addHost(...addresses: readonly string[]): Host {
    const index = this.#hosts.length;
    const host = new Host(`${this.#prefix}-${index}`);
    const at = ['-n', host.namespace];
    run('ip', 'netns', 'add', host.namespace);
    this.#hosts.push(host);
    run('ip', ...at, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', `host${index}`, 'netns', this.#hub);
    run('ip', '-n', this.#hub, 'link', 'set', `host${index}`, 'master', 'bridge', 'up');
    for (const address of addresses) run('ip', ...at, 'address', 'add', `${address}/16`, 'dev', 'eth0');
    run('ip', ...at, 'link', 'set', 'lo', 'up');
    run('ip', ...at, 'link', 'set', 'eth0', 'up');
    return host;
  }

  /** Ends everything that runs in it, and takes it down. */
  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.clear()));
    for (const { namespace } of this.#hosts) run('ip', 'netns', 'delete', namespace);
    run('ip', 'netns', 'delete', this.#hub);
  }
}
