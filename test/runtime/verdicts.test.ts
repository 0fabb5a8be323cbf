import t from 'tap';
import { createVerdictKeeper } from '../../src/runtime/verdicts.ts';

type Kept = readonly [endpoint: string, status: 'up' | 'down'];

/** A keeper over a monitor that has these verdicts. */
function keeperOf(verdicts: Map<string, 'up' | 'down' | 'unknown'>) {
  const kept: Kept[] = [];
  const sight = { isInDoubt: false };
  const keeper = createVerdictKeeper({
    // biome-ignore lint/suspicious/noExplicitAny: of a state only these two are looked at
    monitor: { get: (id) => ({ health: { status: verdicts.get(id) }, sinceEpochMs: 1 }) as any },
    history: { recordHealth: (id, { status }) => kept.push([id, status]) },
    isInDoubt: () => sight.isInDoubt,
  });
  return { keeper, kept, sight };
}

t.test('a verdict is kept at once; one that is unknown is none', async (t) => {
  const { keeper, kept } = keeperOf(new Map([['a', 'down'] as const, ['b', 'unknown'] as const]));
  keeper.changed('a');
  keeper.changed('b');
  t.same(kept, [['a', 'down']]);
});

t.test(
  'what a blind prober found is not kept for a restart, but what came of it when its sight is clear',
  async (t) => {
    const verdicts = new Map<string, 'up' | 'down'>([
      ['a', 'down'],
      ['b', 'down'],
    ]);
    const { keeper, kept, sight } = keeperOf(verdicts);
    sight.isInDoubt = true;
    keeper.changed('a');
    keeper.changed('b');
    t.same(kept, []);
    verdicts.set('a', 'up'); // the monitor has rewound it
    sight.isInDoubt = false;
    keeper.settled();
    t.same(kept, [
      ['a', 'up'],
      ['b', 'down'],
    ]);
    keeper.settled();
    t.equal(kept.length, 2, 'once');
  },
);
