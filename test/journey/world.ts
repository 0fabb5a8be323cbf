/**
 * A small internet: a root, a parent zone, failoverd on port 53 of a host with two addresses, a secondary of it, web servers,
 * resolvers, and a client that fetches through each of them.
 */
import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LAUNCHER } from '../helpers/serve.ts';
import { Audience } from './audience.ts';
import { type Host, kill, Network } from './network.ts';
import { prepareResolver, type ResolverName } from './resolvers.ts';

export const NAME = 'app.example.com';
const ROOT = '198.18.0.1';
const PARENT = '198.18.0.2';
/** failoverd's host has several addresses; it listens on the wildcard. */
export const NS1 = ['198.18.0.53', '198.18.0.54'] as const;
const NS2 = '198.18.0.63';
const CLIENT = '198.18.3.1';
const READY_LIMIT_MS = 30_000;

export const WEB = { primary: '198.18.1.10', replacement: '198.18.1.11', backup: '198.18.1.20' } as const;
export type WebName = keyof typeof WEB;

const WEB_SERVER = `
require('node:http').createServer((_, response) => response.end(process.argv[1])).listen(80, process.argv[2]);
`;

export interface Plan {
  /** Of the record's answer. */
  readonly ttlSeconds: number;
  /** Keys of the check: `interval: 1s, timeout: 500ms`. */
  readonly check: string;
  /** Whether the parent zone names a second name server, an NSD that transfers from failoverd. */
  readonly hasSecond: boolean;
  readonly resolvers: readonly ResolverName[];
}

/** Why it cannot be made here; null when it can. */
export function worldMissing(): string | null {
  return spawnSync('sh', ['-c', 'command -v nsd']).status === 0 ? null : 'nsd is not installed';
}

export class World {
  readonly plan: Plan;
  readonly directory = mkdtempSync(path.join(tmpdir(), 'failoverd-journey-'));
  readonly network = new Network('fj');
  readonly ns1: Host;
  readonly client: Host;
  readonly #webs = new Map<WebName, { readonly host: Host; process: ChildProcess | null }>();
  readonly #addresses = new Map<ResolverName, string>();
  #failoverd: ChildProcess | null = null;
  #log = '';

  private constructor(plan: Plan) {
    this.plan = plan;
    this.ns1 = this.network.addHost(...NS1);
    this.client = this.network.addHost(CLIENT);
  }

  /** Starts everything, and waits until each resolver answers with the primary. */
  static async start(plan: Plan): Promise<World> {
    const world = new World(plan);
    try {
      await world.#build();
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async #build(): Promise<void> {
    for (const [name, address] of Object.entries(WEB) as [WebName, string][]) {
      this.#webs.set(name, { host: this.network.addHost(address), process: null });
    }
    this.startWeb('primary');
    this.startWeb('backup');
    this.#startNsd('root', ROOT, { '.': rootZone() });
    this.#startNsd('parent', PARENT, { 'example.com': parentZone(this.plan.hasSecond) });
    this.startFailoverd('primary');
    if (this.plan.hasSecond) this.#startNsd('second', NS2, { [NAME]: null });
    await this.#untilAnswered(NS1[0]);
    if (this.plan.hasSecond) await this.#untilAnswered(NS2);
    for (const [index, name] of this.plan.resolvers.entries()) {
      const address = `198.18.2.${index + 1}`;
      this.#addresses.set(name, address);
      this.network.addHost(address).spawn(prepareResolver(name, this.directory, address, ROOT));
    }
    for (const address of this.#addresses.values()) await this.#untilAnswered(address);
  }

  address(resolver: ResolverName): string {
    return this.#addresses.get(resolver) ?? '';
  }

  startWeb(name: WebName): void {
    const web = this.#web(name);
    web.process = web.host.spawn([process.execPath, '-e', WEB_SERVER, name, WEB[name]]);
  }

  /** SIGKILL ends it, SIGSTOP lets it accept and never reply. */
  async signalWeb(name: WebName, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
    const { process: child } = this.#web(name);
    if (signal === 'SIGSTOP') child?.kill('SIGSTOP');
    else if (child) await kill(child);
  }

  #web(name: WebName) {
    const web = this.#webs.get(name);
    if (!web) throw new Error(`no web server ${name}`);
    return web;
  }

  startFailoverd(primary: WebName): void {
    this.#writeConfig(primary);
    const config = path.join(this.directory, 'failoverd.yaml');
    this.#failoverd = this.ns1.spawn([LAUNCHER, 'serve', '--config', config], { cwd: this.directory });
    for (const stream of [this.#failoverd.stdout, this.#failoverd.stderr]) {
      stream?.on('data', (chunk) => {
        this.#log += String(chunk);
      });
    }
  }

  /** Gives the primary another server, by a reload. */
  reload(primary: WebName): void {
    this.#writeConfig(primary);
    this.#failoverd?.kill('SIGHUP');
  }

  /** Starts the client. */
  watch(): Audience {
    const file = path.join(import.meta.dirname, 'client.ts');
    return new Audience(this.client.spawn([process.execPath, file, NAME, ...this.#addresses.values()]));
  }

  /** What `dig` on the client's host prints of an answer. */
  dig(server: string, ...more: readonly string[]): string {
    return this.client.output('dig', `@${server}`, '+short', '+tries=1', '+time=2', NAME, 'A', ...more);
  }

  /** Runs another command of failoverd on its host, with its config. */
  async command(...args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string }> {
    const child = this.ns1.spawn([LAUNCHER, ...args], { cwd: this.directory });
    let stdout = '';
    child.stdout?.on('data', (chunk) => {
      stdout += String(chunk);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout };
  }

  get root(): string {
    return ROOT;
  }

  async close(): Promise<void> {
    await this.network.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #untilAnswered(server: string): Promise<void> {
    const startMs = performance.now();
    while (this.dig(server) !== WEB.primary) {
      if (performance.now() - startMs > READY_LIMIT_MS) throw new Error(`${server} does not answer:\n${this.#log}`);
      await sleep(100);
    }
  }

  #writeConfig(primary: WebName): void {
    const second = this.plan.hasSecond ? `\n      ns2.${NAME}: ${NS2}` : '';
    const secondaries = this.plan.hasSecond ? `\n    secondaries: [{address: ${NS2}}]` : '';
    const config = `
listen: ["0.0.0.0:53"]
admin: {listen: "127.0.0.1:8053"}
log: {format: json}
zones:
  ${NAME}:
    nameservers:
      ns1.${NAME}: [${NS1.join(', ')}]${second}${secondaries}
    records:
      "@":
        ttl: ${this.plan.ttlSeconds}s
        primary: ${WEB[primary]}
        backup: ${WEB.backup}
        failback: {after: 10s}
        check: {url: "http://${NAME}/", ${this.plan.check}}
`;
    writeFileSync(path.join(this.directory, 'failoverd.yaml'), config);
  }

  /** @param zones the text of each; null: transferred from failoverd. */
  #startNsd(name: string, address: string, zones: Readonly<Record<string, string | null>>): void {
    const directory = path.join(this.directory, name);
    mkdirSync(directory);
    const clauses = Object.entries(zones).map(([zone, text]) => {
      const file = path.join(directory, 'zone');
      if (text !== null) writeFileSync(file, text);
      const transfer = `  allow-notify: ${NS1[0]} NOKEY\n  request-xfr: ${NS1[0]} NOKEY\n`;
      return `zone:\n  name: "${zone}"\n  zonefile: "${file}"\n${text === null ? transfer : ''}`;
    });
    const config = path.join(directory, 'nsd.conf');
    writeFileSync(
      config,
      `
server:
  ip-address: ${address}
  username: ""
  chroot: ""
  pidfile: ""
  server-count: 1
  xfrd-reload-timeout: 0
  zonesdir: "${directory}"
  database: ""
  xfrdfile: "${directory}/xfrd.state"
  zonelistfile: "${directory}/zone.list"
  xfrdir: "${directory}"
remote-control:
  control-enable: no
${clauses.join('')}`,
    );
    this.network.addHost(address).spawn(['nsd', '-d', '-c', config]);
  }
}

function rootZone(): string {
  return `
$TTL 86400
. SOA a.root. hostmaster.root. 1 3600 600 86400 60
. NS a.root.
a.root. A ${ROOT}
example.com. NS ns.example.com.
ns.example.com. A ${PARENT}
`;
}

/** The parent's side of the delegation, as docs/delegation.md has it. */
function parentZone(hasSecond: boolean): string {
  const second = `${NAME}. 3600 NS ns2.${NAME}.\nns2.${NAME}. 3600 A ${NS2}\n`;
  return `
$TTL 3600
example.com. SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 60
example.com. NS ns.example.com.
ns.example.com. A ${PARENT}
${NAME}. 3600 NS ns1.${NAME}.
${NS1.map((address) => `ns1.${NAME}. 3600 A ${address}`).join('\n')}
${hasSecond ? second : ''}`;
}
