/** Merges sequences that are in order into one that is. Holds one item of each. */
export function* merge<T>(sequences: readonly Iterable<T>[], keyOf: (item: T) => number): Generator<T> {
  const iterators = sequences.map((sequence) => sequence[Symbol.iterator]());
  const heads = iterators.flatMap((iterator) => headOf(iterator));
  for (;;) {
    const first = heads.reduce<Head<T> | null>(
      (best, head) => (best && keyOf(best.item) <= keyOf(head.item) ? best : head),
      null,
    );
    if (!first) return;
    yield first.item;
    heads.splice(heads.indexOf(first), 1, ...headOf(first.iterator));
  }
}

interface Head<T> {
  readonly item: T;
  readonly iterator: Iterator<T>;
}

function headOf<T>(iterator: Iterator<T>): readonly Head<T>[] {
  const { done, value } = iterator.next();
  return done ? [] : [{ item: value, iterator }];
}
