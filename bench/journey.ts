/**
 * What the people who use an application notice: `npm run journey -- [--write]`, as root. A small internet of network
 * namespaces (test/journey/world.ts), every resolver that is installed, a client that fetches through each of them every
 * 100 ms while things break. Takes about eight minutes; nothing leaves the namespaces; takes everything down again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Audience, Notice } from '../test/journey/audience.ts';
import { networkMissing } from '../test/journey/network.ts';
import { describe, RESOLVERS, type ResolverName, resolverMissing } from '../test/journey/resolvers.ts';
import { type Plan, World, worldMissing } from '../test/journey/world.ts';

const DOCUMENT = new URL('../docs/what-users-notice.md', import.meta.url);
const GENERATED = /(?<=<!-- npm run journey -- --write -->\n)[\s\S]*?(?=<!-- end -->)/;

/** Everything happens so many times, each at a random moment of the resolvers' caches; the table shows the worst. */
const ROUNDS = 3;
const AWAY_MS = 8_000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const STEADY_MS = 3_000;
const LIMIT_MS = 90_000;
/** A resolver may remember a dead name server for minutes. */
const AWAY_LIMIT_MS = 150_000;

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

/** One thing that happens, and how to wait until everybody is served as they should be again. */
interface Act {
  readonly title: string;
  /** @returns the server that all are to be served by in the end. */
  readonly play: (world: World) => Promise<string>;
  readonly limitMs: number;
}

interface Setting extends Pick<Plan, 'ttlSeconds' | 'check'> {
  readonly title: string;
}

const SETTINGS: readonly Setting[] = [
  { title: 'the defaults: `ttl: 10s`, `interval: 5s`, `timeout: 2s`', ttlSeconds: 10, check: 'interval: 5s' },
  {
    title: 'fast: `ttl: 2s`, `interval: 1s`, `timeout: 500ms`, `confirm: 200ms`',
    ttlSeconds: 2,
    check: 'interval: 1s, timeout: 500ms, confirm: 200ms',
  },
];

const SERVERS: readonly Act[] = [
  {
    title: 'the primary is killed',
    limitMs: LIMIT_MS,
    async play(world) {
      await world.signalWeb('primary', 'SIGKILL');
      return 'backup';
    },
  },
  {
    title: 'it is mended',
    limitMs: LIMIT_MS,
    async play(world) {
      world.startWeb('primary');
      return 'primary';
    },
  },
  {
    title: 'the primary hangs',
    limitMs: LIMIT_MS,
    async play(world) {
      await world.signalWeb('primary', 'SIGSTOP');
      return 'backup';
    },
  },
  {
    title: 'it is restarted',
    limitMs: LIMIT_MS,
    async play(world) {
      await world.signalWeb('primary', 'SIGKILL');
      world.startWeb('primary');
      return 'primary';
    },
  },
  {
    title: 'the primary moves to a new address, the old one goes on for a while',
    limitMs: LIMIT_MS,
    async play(world) {
      world.startWeb('replacement');
      await sleep(1_000);
      world.reload('replacement');
      return 'replacement';
    },
  },
  {
    title: 'the primary moves back, the old one stops at once',
    limitMs: LIMIT_MS,
    async play(world) {
      world.reload('primary');
      await world.signalWeb('replacement', 'SIGKILL');
      return 'primary';
    },
  },
];

function nameServerAway(title: string): Act {
  return {
    title,
    limitMs: AWAY_LIMIT_MS,
    async play(world) {
      world.ns1.vanish(53);
      await sleep(AWAY_MS);
      world.ns1.reappear(53);
      return 'primary';
    },
  };
}

const ALONE = nameServerAway('the only name server is away for 8 s');
const BESIDE = nameServerAway('one of two name servers is away for 8 s');

interface Scene {
  readonly title: string;
  readonly notices: readonly Notice[];
}

async function perform(world: World, audience: Audience, act: Act): Promise<Scene> {
  const addresses = world.plan.resolvers.map((resolver) => world.address(resolver));
  await sleep(Math.random() * world.plan.ttlSeconds * 1000);
  const sinceMs = Date.now();
  const from = await act.play(world);
  const isSteady = await audience.steady(addresses, from, STEADY_MS, act.limitMs);
  const notices = addresses.map((address) => audience.notice(address, sinceMs));
  console.error(
    `${act.title}${isSteady ? '' : ` (not over after ${act.limitMs / 1000} s)`}: ${notices.map(cell).join(' | ')}`,
  );
  return { title: act.title, notices };
}

/** Plays the acts in a world of their own: a record that failed back lately would wait longer each time. */
async function playAll(plan: Plan, acts: readonly Act[]): Promise<readonly Scene[]> {
  const world = await World.start(plan);
  const interrupted = (): void => void world.close().finally(() => process.exit(1));
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    const audience = world.watch();
    const addresses = plan.resolvers.map((resolver) => world.address(resolver));
    if (!(await audience.steady(addresses, 'primary', STEADY_MS, LIMIT_MS))) throw new Error('not everybody is served');
    const scenes: Scene[] = [];
    for (const act of acts) scenes.push(await perform(world, audience, act));
    return scenes;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
    await world.close();
  }
}

/** @returns of each act and resolver the notice with the longest outage. */
async function playRounds(plan: Plan, acts: readonly Act[]): Promise<readonly Scene[]> {
  let worst = await playAll(plan, acts);
  for (let round = 1; round < ROUNDS; round++) {
    const scenes = await playAll(plan, acts);
    worst = worst.map((scene, i) => ({ ...scene, notices: worseOf(scene.notices, scenes[i]?.notices ?? []) }));
  }
  return worst;
}

function worseOf(before: readonly Notice[], now: readonly Notice[]): readonly Notice[] {
  return before.map((notice, i) => ((now[i]?.outageMs ?? 0) > notice.outageMs ? (now[i] ?? notice) : notice));
}

function cell({ lost, outageMs }: Notice): string {
  return lost === 0 ? '0' : `${lost}, ${(outageMs / 1000).toFixed(1)} s`;
}

function tableOf(setting: Setting, resolvers: readonly ResolverName[], scenes: readonly Scene[]): string {
  const head = [setting.title, ...resolvers.map(describe)];
  const rows = scenes.map(({ title, notices }) => [title, ...notices.map(cell)]);
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

function resolversHere(): readonly ResolverName[] {
  return RESOLVERS.filter((resolver) => {
    const why = resolverMissing(resolver);
    if (why) console.error(`${resolver}: left out, ${why}`);
    return why === null;
  });
}

async function main(): Promise<void> {
  const why = (await networkMissing()) ?? worldMissing();
  if (why) throw new Error(why);
  const resolvers = resolversHere();
  const tables: string[] = [];
  for (const setting of SETTINGS) {
    const plan = { ...setting, resolvers };
    const alone = await playRounds({ ...plan, hasSecond: false }, [...SERVERS, ALONE]);
    const beside = await playRounds({ ...plan, hasSecond: true }, [BESIDE]);
    tables.push(tableOf(setting, resolvers, [...alone, ...beside]));
  }
  const machine = `${os.availableParallelism()} cores of ${os.cpus()[0]?.model.trim()}`;
  const text = `${new Date().toISOString().slice(0, 10)}, ${machine}, Node ${process.version}.\n\n${tables.join('\n\n')}`;
  console.log(text);
  if (values.write) writeTable(text);
}

function writeTable(text: string): void {
  const before = readFileSync(DOCUMENT, 'utf8');
  if (!GENERATED.test(before)) throw new Error(`${DOCUMENT.pathname} has no place for the table`);
  writeFileSync(
    DOCUMENT,
    before.replace(GENERATED, () => `\n${text}\n\n`),
  );
}

await main();
