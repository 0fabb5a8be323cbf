import fc from 'fast-check';
import t from 'tap';
import { type Due, DueHeap } from '../../src/probe/due-heap.ts';

const due = (dueAtMs: number, order: number): Due => ({ dueAtMs, order, heapIndex: -1 });
const sorted = (items: readonly Due[]) => [...items].sort((a, b) => a.dueAtMs - b.dueAtMs || a.order - b.order);

t.test('DueHeap gives its members soonest first, those of one time in their order, whoever was taken out', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.boolean())), (pushed) => {
      const heap = new DueHeap<Due>();
      const items = pushed.map(([dueAtMs], order) => due(dueAtMs, order));
      for (const item of items) heap.push(item);
      const left = items.filter((item, index) => {
        if (pushed[index]?.[1] !== true) return true;
        heap.remove(item);
        return false;
      });
      if (heap.size !== left.length) return false;
      return sorted(left).every((expected) => {
        const head = heap.peek();
        if (head !== undefined) heap.remove(head);
        return head === expected && head.heapIndex === -1;
      });
    }),
  );
  t.end();
});

t.test('DueHeap.countDue() counts those whose time has come', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.nat(50), (times, nowMs) => {
      const heap = new DueHeap<Due>();
      for (const [order, dueAtMs] of times.entries()) heap.push(due(dueAtMs, order));
      return heap.countDue(nowMs) === times.filter((dueAtMs) => dueAtMs <= nowMs).length;
    }),
  );
  t.end();
});

t.test('DueHeap.remove() of a stranger changes nothing', (t) => {
  const heap = new DueHeap<Due>();
  heap.push(due(1, 0));
  heap.remove(due(1, 0));
  t.equal(heap.size, 1);
  t.end();
});
