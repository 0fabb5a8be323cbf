/**
 * From the root to the page: a resolver finds failoverd by a delegation, on port 53 of a host with two addresses, and a
 * client that fetches through it is served by the backup soon after the primary was killed. `npm run journey` is the long version.
 */
import t from 'tap';
import { networkMissing } from './network.ts';
import { RESOLVERS, resolverMissing } from './resolvers.ts';
import { NAME, NS1, WEB, World, worldMissing } from './world.ts';

const resolver = RESOLVERS.find((name) => resolverMissing(name) === null);
const missing = (await networkMissing()) ?? worldMissing() ?? (resolver ? null : 'no recursive resolver is installed');

t.test(
  'the journey: who fetches through a resolver is served by the backup when the primary is killed',
  {
    skip: missing ?? false,
  },
  async (t) => {
    const resolvers = resolver ? [resolver] : [];
    const plan = { ttlSeconds: 1, check: 'interval: 1s, timeout: 500ms, confirm: 100ms', hasSecond: false, resolvers };
    const world = await World.start(plan);
    t.teardown(() => world.close());
    for (const address of NS1) {
      t.equal(
        world.dig(address),
        WEB.primary,
        `${address} over UDP: the wildcard answers from the address that was asked`,
      );
      t.equal(world.dig(address, '+tcp'), WEB.primary, `${address} over TCP`);
    }
    const addresses = resolvers.map((name) => world.address(name));
    const [first = ''] = addresses;
    const report = await world.command('delegation', NAME, '--from', world.root, '--resolver', first, '--json');
    t.equal(report.code, 0, 'failoverd delegation finds no fault');
    t.match(report.stdout, /"check": "answer",\s+"message": ".*, as decided"/);
    const audience = world.watch();
    t.ok(await audience.steady(addresses, 'primary', 1000, 30_000), 'served by the primary');
    const sinceMs = Date.now();
    await world.signalWeb('primary', 'SIGKILL');
    t.ok(await audience.steady(addresses, 'backup', 1000, 30_000), 'served by the backup');
    for (const address of addresses) {
      const { lost, outageMs } = audience.notice(address, sinceMs);
      t.comment(`${lost} requests lost in ${outageMs} ms`);
      t.ok(lost > 0, 'what was in flight or cached is lost');
    }
  },
);
