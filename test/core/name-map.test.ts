import fc from 'fast-check';
import t from 'tap';
import { NameMap } from '../../src/core/name-map.ts';
import { name } from '../helpers/names.ts';

interface Value {
  readonly owner: ReturnType<typeof name>;
  readonly text: string;
}

const anyValue = fc.record({
  owner: fc.integer({ min: 0, max: 30 }).map((n) => name(`n${n}.example`)),
  text: fc.string(),
});

t.test('NameMap holds what a Map holds, and a changed copy leaves the original as it was', async () => {
  fc.assert(
    fc.property(fc.array(anyValue), fc.array(anyValue), (first, later) => {
      const original = NameMap.of<Value>(first);
      const changed = later.reduce((map, value) => map.with(value), original);
      const isSame = (map: NameMap<Value>, values: readonly Value[]) => {
        const model = new Map(values.map((value) => [value.owner, value]));
        return (
          map.size === model.size &&
          map.values().every((value) => model.get(value.owner) === value) &&
          [...model].every(([owner, value]) => map.get(owner) === value && map.has(owner))
        );
      };
      return isSame(original, first) && isSame(changed, [...first, ...later]) && !changed.has(name('other.example'));
    }),
  );
});
